// Accepted, and yet not in the inbox: what DNS says of the sender, and what happens after the provider's 250.
import { chapter } from "../entry.ts";

const sender = { scope: "sender", retry: "permanent" } as const;

const ownDomain = {
  en: "Publish the records that {provider} shows for your domain, and wait until its console says verified.",
  zh: "按{provider}给出的内容添加域名的 DNS 记录，等控制台显示验证通过。",
} as const;

export const delivery = chapter("delivery", {
  "delivery.accepted-then-bounced": {
    scope: "recipient",
    retry: "permanent",
    title: {
      en: "The provider took the mail, and the recipient's server refused it later",
      zh: "服务商已接收，但收件方服务器随后退信",
    },
    explanation: {
      en: "A 250 means that {provider} goes on with it, not that it has arrived. The answer of the other side comes as a bounce message to the sender, or stands in the provider's log.",
      zh: "250 只表示{provider}会继续投递，并不表示已送达。对方的答复会以退信发回发件人，或记录在服务商的日志中。",
    },
    symptom: {
      en: "250 with a queue id, and later a bounce to the sender, or nothing.",
      zh: "得到 250 和队列编号，之后发件人收到退信，或毫无消息。",
    },
    steps: [
      {
        en: "Look for the Message-ID in the provider's activity log, and for a bounce in the sender's mailbox.",
        zh: "在服务商的发送日志中查找该 Message-ID，并查看发件人邮箱中的退信。",
      },
      {
        en: "The status in it (such as 5.1.1) and the words beside it say why.",
        zh: "其中的状态码（如 5.1.1）和说明就是原因。",
      },
    ],
  },
  "delivery.spam-folder": {
    ...sender,
    title: { en: "The mail arrives as spam", zh: "邮件进了垃圾箱" },
    explanation: {
      en: "It was taken and put aside. Missing proofs of the sender's domain, a new domain or address, and content that looks like a test are the usual reasons.",
      zh: "邮件已接收但被归为垃圾邮件。常见原因：发件域名缺少认证、域名或地址太新、内容像测试邮件。",
    },
    symptom: {
      en: "250, and the mail lies in the recipient's junk folder.",
      zh: "得到 250，邮件却在对方的垃圾箱里。",
    },
    steps: [
      {
        en: "Send to a mailbox of your own and read Authentication-Results in its header: spf, dkim and dmarc should each say pass.",
        zh: "发到自己的邮箱，查看邮件头中的 Authentication-Results：spf、dkim、dmarc 都应为 pass。",
      },
      ownDomain,
    ],
  },
  "delivery.dmarc-misaligned": {
    ...sender,
    title: {
      en: "The sender's domain is not the one that is proved",
      zh: "通过认证的域名与发件域名不一致",
    },
    explanation: {
      en: "SPF and DKIM prove the provider's domain, and DMARC asks for that of the From address. Found: {found}. Wanted: {wanted}.",
      zh: "SPF 和 DKIM 证明的是服务商的域名，而 DMARC 要求与发件人的域名一致。当前：{found}。应为：{wanted}。",
    },
    symptom: {
      en: "Authentication-Results of a received mail: spf=pass and dkim=pass, but dmarc=fail.",
      zh: "收到的邮件里 Authentication-Results 显示 spf=pass、dkim=pass，但 dmarc=fail。",
    },
    steps: [
      {
        en: "Set up DKIM with your own domain at {provider}, or a return path below your domain.",
        zh: "在{provider}为自己的域名配置 DKIM，或配置自有域名的退信地址（return path）。",
      },
    ],
  },
  "delivery.from-freemail-domain": {
    ...sender,
    title: {
      en: "{sender} belongs to {found}, and the mail leaves through another provider",
      zh: "{sender} 属于 {found}，邮件却通过另一家服务商发出",
    },
    explanation: {
      en: "Nobody but the owner of that domain can prove mail from it. Receivers may refuse it or take it for spam.",
      zh: "只有该域名的所有者才能为其邮件提供认证。收件方可能拒收或判为垃圾邮件。",
    },
    symptom: {
      en: "Mail with a free mailbox as From is often rejected or lands in spam.",
      zh: "From 是免费邮箱的邮件往往被拒收或进入垃圾箱。",
    },
    steps: [
      {
        en: "Send from an address of your own domain, and put {sender} into Reply-To.",
        zh: "用自有域名的地址发信，把 {sender} 放进 Reply-To。",
      },
      {
        en: "Or send through the provider of that address.",
        zh: "或者通过该地址所属的服务商发信。",
      },
    ],
  },
  "delivery.spf-lacks-provider": {
    ...sender,
    title: {
      en: "The SPF record of the sender's domain leaves out {provider}",
      zh: "发件域名的 SPF 记录没有包含{provider}",
    },
    explanation: {
      en: "Found: {found}. Receivers see mail from a server that the domain does not name.",
      zh: "当前记录：{found}。在收件方看来，邮件来自域名没有授权的服务器。",
    },
    symptom: {
      en: "A received mail says spf=softfail, fail or none.",
      zh: "收到的邮件里显示 spf=softfail、fail 或 none。",
    },
    steps: [
      {
        en: "Add {wanted} before the last word of the record; there may be only one SPF record.",
        zh: "在记录末尾的 all 之前加入 {wanted}；一个域名只能有一条 SPF 记录。",
      },
    ],
  },
  "delivery.spf-broken": {
    ...sender,
    title: {
      en: "The SPF record of the sender's domain is broken",
      zh: "发件域名的 SPF 记录有误",
    },
    explanation: {
      en: "{found}. Receivers then count it as an error, and not as a proof (RFC 7208 §4.6.4).",
      zh: "{found}。收件方会视为错误，而不是有效的认证（RFC 7208 §4.6.4）。",
    },
    symptom: {
      en: "A received mail says spf=permerror.",
      zh: "收到的邮件里显示 spf=permerror。",
    },
    steps: [
      {
        en: "Bring everything into one record with at most ten look-ups, and end it with ~all or -all.",
        zh: "合并为一条记录，查询不超过十次，以 ~all 或 -all 结尾。",
      },
      {
        en: "Take out includes of services that are no longer used.",
        zh: "删除不再使用的服务的 include。",
      },
    ],
  },
  "delivery.dkim-missing": {
    ...sender,
    title: {
      en: "No DKIM key of {provider} was found for the sender's domain",
      zh: "发件域名下没有找到{provider}的 DKIM 公钥",
    },
    explanation: {
      en: "Looked for: {found}. Without it mail carries no signature of your domain. Some providers choose names that only their console shows: then this is a hint, and the header of a mail that arrived is the proof.",
      zh: "查找了：{found}。没有它，邮件就没有你域名的签名。有的服务商使用只在控制台显示的名称：这种情况下这只是提示，应以实际收到的邮件头为准。",
    },
    symptom: {
      en: "A received mail often says dkim=none.",
      zh: "收到的邮件里往往显示 dkim=none。",
    },
    steps: [
      ownDomain,
      {
        en: "Look whether the DNS panel has put the domain behind the name a second time.",
        zh: "检查 DNS 面板是否把域名重复追加了一次。",
      },
    ],
  },
  "delivery.from-rewritten": {
    ...sender,
    title: {
      en: "{provider} replaces the From address with that of the login",
      zh: "{provider}会把发件人改为登录账号的地址",
    },
    explanation: {
      en: "Mail from {sender} arrives as mail from {username}, unless that address was confirmed as an alias.",
      zh: "除非已确认为别名，以 {sender} 发出的邮件到达时发件人会变成 {username}。",
    },
    symptom: {
      en: "The mail arrives with the login's address as From.",
      zh: "邮件送达时，From 变成了登录账号的地址。",
    },
    steps: [
      {
        en: "Add and confirm the address as an alias in the account. What the provider asks for: {senderRule}.",
        zh: "在账号中添加并确认该地址为别名。服务商的要求：{senderRule}。",
      },
      {
        en: "Or send through a provider that lets your domain be verified.",
        zh: "或者改用可以验证自有域名的服务商。",
      },
    ],
  },
  "delivery.suppressed": {
    scope: "recipient",
    retry: "permanent",
    title: {
      en: "The provider took the mail and may hold it back: the recipient may be on its suppression list",
      zh: "服务商已接收但可能没有投递：收件人可能在其抑制名单中",
    },
    explanation: {
      en: "After an earlier bounce, a complaint or an unsubscription, providers often drop mail to that address and may still say 250.",
      zh: "此前有退信、投诉或退订时，服务商往往会丢弃发往该地址的邮件，而回复可能仍是 250。",
    },
    symptom: {
      en: '250, and nothing arrives; the provider\'s log may say "suppressed" or "dropped".',
      zh: "得到 250 却没有送达；服务商日志可能写着 suppressed 或 dropped。",
    },
    steps: [
      {
        en: "Look in the provider's console whether its suppression list has the address, and take it off once the reason is gone.",
        zh: "在服务商控制台查看抑制名单中是否有该地址；如果有，待原因消除后移除。",
      },
    ],
  },
  "delivery.no-dmarc-record": {
    ...sender,
    title: {
      en: "The sender's domain has no DMARC record",
      zh: "发件域名没有 DMARC 记录",
    },
    explanation: {
      en: "Nothing stands at {wanted}. Mail still leaves, but large receivers ask for one from whoever sends much (Gmail and Yahoo since 2024).",
      zh: "{wanted} 处没有记录。邮件仍可发出，但大型收件方要求大量发信者具备该记录（Gmail 和 Yahoo 自 2024 年起）。",
    },
    symptom: {
      en: "Mail arrives, but large recipients rate it lower; bulk mail may be rejected.",
      zh: "邮件能送达，但大型邮箱评分降低，批量邮件可能被拒收。",
    },
    steps: [
      {
        en: 'Publish a TXT record at {wanted}, to begin with "v=DMARC1; p=none; rua=mailto:you@your-domain".',
        zh: "在 {wanted} 添加 TXT 记录，起步可用 “v=DMARC1; p=none; rua=mailto:你的地址”。",
      },
    ],
  },
});
