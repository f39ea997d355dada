// Clouds and hosting platforms: which ports for mail they block unless asked, and how they are opened.
// Collected in November 2026; these rules move, so the texts speak of today's default and name their source.
import type { Text } from "../../providers/provider.ts";

export interface Platform {
  readonly id: string;
  readonly name: string | Text;
  /** Outgoing ports that are blocked unless somebody asks; `all` but those of `openByDefault`. */
  readonly blocks: readonly number[] | "all";
  /** Ports for mail that are known to be open. */
  readonly openByDefault: readonly number[];
  /** How to have it lifted, or that it cannot be, and what to use instead. Sentences. */
  readonly unblock: Text;
  /** Since when, or for whom; empty where that is not known. */
  readonly since: string;
  readonly source: string;
  /** `recalled`: nobody found a page that says so; a hint and no fact. */
  readonly evidence: "sourced" | "recalled";
}

export const platforms: readonly Platform[] = [
  {
    id: "aws",
    name: "AWS",
    blocks: [25],
    openByDefault: [465, 587, 2465, 2587, 2525],
    unblock: {
      en: 'Send through 465 or 587, which AWS leaves open. For 25, fill in the AWS form "Request to remove email sending limitations".',
      zh: "改用 AWS 未封禁的 465 或 587 端口。如需 25 端口，请提交 AWS 表单“Request to remove email sending limitations”。",
    },
    since: "all accounts",
    source: "Amazon SES documentation, troubleshooting",
    evidence: "sourced",
  },
  {
    id: "google-cloud",
    name: "Google Cloud",
    blocks: [25],
    openByDefault: [465, 587, 2525],
    unblock: {
      en: "Google Cloud never opens 25 to the internet. Send through 465, 587 or 2525.",
      zh: "Google Cloud 不会开放到公网的 25 端口。请改用 465、587 或 2525。",
    },
    since: "465 and 587 are open since 2018",
    source: "github.com/StreisandEffect/streisand/issues/654, gitlab.com gitlab-foss merge request 23275",
    evidence: "sourced",
  },
  {
    id: "azure",
    name: "Microsoft Azure",
    blocks: [25],
    openByDefault: [465, 587, 2525],
    unblock: {
      en: 'Send through 587, which Azure does not restrict. For 25, a pay-as-you-go, CSP or partner subscription asks in the portal under "Diagnose and solve problems", "Cannot send email (SMTP-Port 25)", then stops and starts its machines. Student, trial, MSDN and Visual Studio subscriptions cannot have 25.',
      zh: "改用 Azure 不限制的 587 端口。如需 25 端口，即用即付、CSP 或合作伙伴订阅可在门户的“诊断并解决问题”中选择“Cannot send email (SMTP-Port 25)”申请，通过后停止并重新启动虚拟机。学生、试用、MSDN 和 Visual Studio 订阅无法开通 25 端口。",
    },
    since: "subscriptions after November 2017, except Enterprise Agreement",
    source: "Azure documentation, outbound SMTP connectivity (2021-04-28)",
    evidence: "sourced",
  },
  {
    id: "digitalocean",
    name: "DigitalOcean",
    blocks: [25, 465, 587],
    openByDefault: [2525],
    unblock: {
      en: "DigitalOcean usually refuses to open them. It suggests port 2525, where the mail provider has it, or the provider's HTTPS API.",
      zh: "DigitalOcean 通常不予解封，并建议使用 2525 端口（如果邮件服务商支持）或服务商的 HTTPS API。",
    },
    since: "25 since 2018 or earlier; 465 and 587 since spring 2025",
    source: "DigitalOcean support, Why is SMTP blocked?",
    evidence: "sourced",
  },
  {
    id: "hetzner",
    name: "Hetzner Cloud",
    blocks: [25, 465],
    openByDefault: [587, 2525],
    unblock: {
      en: "Send through 587, which is open. For 25 and 465, request a higher limit in the console after the first month and the first paid invoice.",
      zh: "改用未封禁的 587 端口。如需 25 和 465，请在使用满一个月并支付首张账单后，在控制台提交限额申请。",
    },
    since: "at least since May 2021",
    source: "Hetzner documentation, quoted in github.com/LukeSmithxyz/emailwiz/issues/317",
    evidence: "sourced",
  },
  {
    id: "vultr",
    name: "Vultr",
    blocks: [25],
    openByDefault: [465, 587, 2525],
    unblock: {
      en: "Send through 465 or 587. For 25, ask its support; it decides case by case and refuses many new accounts.",
      zh: "改用 465 或 587 端口。如需 25 端口，请向客服提交申请；Vultr 逐案审批，许多新账号会被拒绝。",
    },
    since: "at least since 2015",
    source: "github.com/LukeSmithxyz/emailwiz/issues/172",
    evidence: "sourced",
  },
  {
    id: "linode",
    name: "Linode (Akamai)",
    blocks: [25, 465, 587],
    openByDefault: [2525],
    unblock: {
      en: "Set an A record and reverse DNS for the machine, then open a support ticket that asks for outgoing mail. Or send through 2525, where the mail provider has it.",
      zh: "先为主机设置 A 记录和反向解析，再提交工单申请开通出站邮件端口；或者改用邮件服务商支持的 2525 端口。",
    },
    since: "accounts since 2019-11-05",
    source: "Linode blog, 2019-11-05",
    evidence: "sourced",
  },
  {
    id: "oracle",
    name: "Oracle Cloud",
    blocks: [25],
    openByDefault: [465, 587, 2525],
    unblock: {
      en: "Send through 465 or 587. For 25, a paid account opens a service request; free tier accounts are refused.",
      zh: "改用 465 或 587 端口。如需 25 端口，付费账号可提交服务请求；免费账号会被拒绝。",
    },
    since: "tenancies since June 2021",
    source: "github.com/postalserver/postal/issues/2164",
    evidence: "sourced",
  },
  {
    id: "ovh",
    name: "OVHcloud",
    blocks: [25],
    openByDefault: [],
    unblock: {
      en: "Look in the control panel whether the address is blocked for spam, and lift it there. Local Zone machines have 25 closed, and users report 465 and 587 silent as well; OVHcloud changed its rules in 2026, so read its current guide.",
      zh: "在控制面板查看该 IP 是否因垃圾邮件被封，并在那里解封。Local Zone 主机封禁 25 端口，也有用户反映 465、587 不通；OVHcloud 在 2026 年调整了规则，请以其最新文档为准。",
    },
    since: "by address after spam; by default on more products since 2026",
    source: "OVHcloud antispam guide; github.com/ovh/infrastructure-roadmap/issues/421",
    evidence: "sourced",
  },
  {
    id: "alibaba",
    name: { en: "Alibaba Cloud", zh: "阿里云" },
    blocks: [25],
    openByDefault: [465, 587],
    unblock: {
      en: "Send through 465 or 587, which Alibaba Cloud does not restrict. Opening 25 takes a ticket, with up to three destination domains; in mainland China it is refused.",
      zh: "改用阿里云不限制的 465 或 587 端口。25 端口需要提交工单（最多填写三个目标域名）；中国大陆地域一般不予解封。",
    },
    since: "new machines since 2017 or 2018",
    source: "Alibaba Cloud documentation 49123 (2019-08-22)",
    evidence: "sourced",
  },
  {
    id: "tencent",
    name: { en: "Tencent Cloud", zh: "腾讯云" },
    blocks: [25],
    openByDefault: [465, 587],
    unblock: {
      en: "Send through 465 or 587. The console often has a page for opening port 25, with a quota; some tickets succeed too.",
      zh: "改用 465 或 587 端口。控制台通常提供“25 端口解封”页面（有次数限制），也有用户通过工单解封。",
    },
    since: "",
    source: "github.com/Jinnrry/PMail/issues/85",
    evidence: "sourced",
  },
  {
    id: "huawei",
    name: { en: "Huawei Cloud", zh: "华为云" },
    blocks: [25],
    openByDefault: [],
    unblock: {
      en: "Try 465 or 587. Port 25 is often blocked; its support may open it by a ticket, and may block ports after complaints about spam.",
      zh: "可先尝试 465 或 587 端口。25 端口通常被封禁，可提交工单申请；被投诉垃圾邮件后，华为云也可能封禁端口。",
    },
    since: "",
    source: "support.huaweicloud.com, security information",
    evidence: "recalled",
  },
  {
    id: "baidu",
    name: { en: "Baidu AI Cloud", zh: "百度智能云" },
    blocks: [25],
    openByDefault: [465, 587],
    unblock: {
      en: "Send through 465 or 587; elastic addresses have 25 blocked.",
      zh: "改用 465 或 587 端口；弹性公网 IP 封禁 25 端口。",
    },
    since: "elastic public addresses",
    source: "intl.cloud.baidu.com, EIP documentation",
    evidence: "sourced",
  },
  {
    id: "scaleway",
    name: "Scaleway",
    blocks: [25, 465, 587],
    openByDefault: [2525],
    unblock: {
      en: 'Verify your identity in the console, then tick "Enable SMTP" in the security group of the machine. Elastic Metal and Public Gateways have a switch of their own.',
      zh: "在控制台完成身份验证，然后在主机的安全组中勾选“Enable SMTP”。Elastic Metal 和 Public Gateway 有各自的开关。",
    },
    since: "default security group",
    source: "github.com/scaleway/docs-content, send emails from your Instance (2025-07-21)",
    evidence: "sourced",
  },
  {
    id: "upcloud",
    name: "UpCloud",
    blocks: [25],
    openByDefault: [465, 587],
    unblock: {
      en: "Send through 465 or 587. For 25, ask its support with a proof of identity or payment. A trial account may use ports of the web only.",
      zh: "改用 465 或 587 端口。如需 25 端口，请向客服提供身份或付款证明。试用账号只能使用网页端口。",
    },
    since: "new accounts; trial accounts have only ports of the web",
    source: "upcloud.com, firewall documentation",
    evidence: "sourced",
  },
  {
    id: "render",
    name: "Render",
    blocks: [25, 465, 587],
    openByDefault: [2525],
    unblock: {
      en: "Any paid instance type opens them. On a free one, use 2525 where the mail provider has it, or the provider's HTTPS API.",
      zh: "升级到任意付费实例即可开通。免费实例请使用邮件服务商的 2525 端口（如果支持）或 HTTPS API。",
    },
    since: "free web services since 2025-09-26",
    source: "Render support, quoted on news.lavx.hu",
    evidence: "sourced",
  },
  {
    id: "railway",
    name: "Railway",
    blocks: [25, 465, 587, 2525],
    openByDefault: [],
    unblock: {
      en: "Change to the Pro plan and then deploy again: mail is closed on Free, Trial and Hobby. Or use the provider's HTTPS API.",
      zh: "升级到 Pro 套餐后重新部署：Free、Trial 和 Hobby 套餐封禁所有 SMTP。也可以改用服务商的 HTTPS API。",
    },
    since: "Free, Trial and Hobby plans",
    source: "github.com/railwayapp/docs, outbound networking (August 2026)",
    evidence: "sourced",
  },
  {
    id: "fly",
    name: "Fly.io",
    blocks: [25],
    openByDefault: [],
    unblock: {
      en: "Try 465, 587 or 2525: port 25 is often blocked, and Fly.io advises a sending service.",
      zh: "可尝试 465、587 或 2525 端口：25 端口通常被封禁，Fly.io 建议使用发信服务。",
    },
    since: "",
    source: "github.com/superfly/docs",
    evidence: "recalled",
  },
  {
    id: "heroku",
    name: "Heroku",
    blocks: [25],
    openByDefault: [],
    unblock: {
      en: "Heroku does not open 25 on its common runtime. Use 587 or 465, which are open as far as is known.",
      zh: "Heroku 的 Common Runtime 不开放 25 端口。请改用 587 或 465，据了解它们是开放的。",
    },
    since: "reported in July 2022",
    source: "Heroku changelog 2198; github.com/reacherhq/backend/issues/304",
    evidence: "sourced",
  },
  {
    id: "vercel",
    name: "Vercel",
    blocks: [25],
    openByDefault: [465, 587],
    unblock: {
      en: "Vercel does not open 25. Use 465 or 587, and wait for the sending to end before the function answers.",
      zh: "Vercel 不开放 25 端口。请改用 465 或 587，并在函数返回之前等待发送完成。",
    },
    since: "2018",
    source: "github.com/vercel/vercel/issues/6530",
    evidence: "sourced",
  },
  {
    id: "zerops",
    name: "Zerops",
    blocks: [25, 465],
    openByDefault: [587],
    unblock: {
      en: "Zerops never opens 25 and 465. Use 587 with STARTTLS.",
      zh: "Zerops 永久封禁 25 和 465。请改用 587 端口并启用 STARTTLS。",
    },
    since: "",
    source: "docs.zerops.io/references/smtp",
    evidence: "sourced",
  },
  {
    id: "gitpod",
    name: "Gitpod",
    blocks: [25, 587],
    openByDefault: [2525],
    unblock: {
      en: "Gitpod does not open them. Use 2525, where the mail provider has it.",
      zh: "Gitpod 不会开放这些端口。请使用邮件服务商支持的 2525 端口。",
    },
    since: "2022",
    source: "github.com/gitpod-io/gitpod/issues/7795",
    evidence: "sourced",
  },
  {
    id: "cloudzy",
    name: "Cloudzy",
    blocks: [25, 465, 587, 2525],
    openByDefault: [],
    unblock: {
      en: "Ask its support to open outgoing SMTP, or use the provider's HTTPS API.",
      zh: "联系客服申请开放出站 SMTP，或改用服务商的 HTTPS API。",
    },
    since: "",
    source: "Cloudzy documentation",
    evidence: "sourced",
  },
  {
    id: "genesis-cloud",
    name: "Genesis Cloud",
    blocks: [25, 465, 587, 2525],
    openByDefault: [],
    unblock: {
      en: "Outgoing SMTP is opened by contract; ask its sales. Or use the provider's HTTPS API.",
      zh: "出站 SMTP 需要在合同中约定，请联系其销售；或改用服务商的 HTTPS API。",
    },
    since: "",
    source: "Genesis Cloud documentation",
    evidence: "sourced",
  },
  {
    id: "mmitech",
    name: "mmitech",
    blocks: [25, 26, 465, 587, 2525],
    openByDefault: [],
    unblock: {
      en: "No way to open them is documented. Use the provider's HTTPS API, or ask its support.",
      zh: "没有公开的解封方式。请改用服务商的 HTTPS API，或联系其客服。",
    },
    since: "",
    source: "mmitech documentation",
    evidence: "sourced",
  },
  {
    id: "shared-hosting",
    name: { en: "the shared hosting", zh: "虚拟主机" },
    blocks: [25, 465, 587],
    openByDefault: [],
    unblock: {
      en: "Shared hosting often lets mail out through its own relay only, and sometimes captures other connections. Use its relay, or the provider's HTTPS API.",
      zh: "虚拟主机通常只允许通过其自带的中继发信，有时还会截获其他连接。请使用它的中继，或服务商的 HTTPS API。",
    },
    since: "",
    source: "PHPMailer troubleshooting guide, quoted by courier.com",
    evidence: "sourced",
  },
  {
    id: "home",
    name: { en: "the internet provider at home", zh: "家庭宽带运营商" },
    blocks: [25],
    openByDefault: [465, 587],
    unblock: {
      en: "Send through 465 or 587: internet providers for homes block 25.",
      zh: "改用 465 或 587 端口：家庭宽带运营商封禁 25 端口。",
    },
    since: "",
    source: "github.com/docker-mailserver/docker-mailserver/issues/1524",
    evidence: "sourced",
  },
  unresearched("netlify", "Netlify"),
  unresearched("exoscale", "Exoscale"),
  unresearched("cloudsigma", "CloudSigma"),
  unresearched("cloudstack", "Apache CloudStack"),
];

/** Recognised by what the machine shows; nothing is known of what it blocks. */
function unresearched(id: string, name: string): Platform {
  return {
    id,
    name,
    blocks: [],
    openByDefault: [],
    unblock: {
      en: `What ${name} blocks is not known to us. Ask its support whether outgoing SMTP is open for this account.`,
      zh: `我们没有 ${name} 封禁端口的资料。请联系其客服，确认该账号是否开放出站 SMTP。`,
    },
    since: "",
    source: "none found",
    evidence: "recalled",
  };
}

/** Null for an id that the table has not. */
export function platform(id: string): Platform | null {
  return platforms.find((one) => one.id === id) ?? null;
}
