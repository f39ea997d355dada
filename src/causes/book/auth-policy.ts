// What a provider refuses an account for at sign-in, whatever its password. Never a message's fault: no mail is discarded.
import { chapter } from "../entry.ts";
import { enter, obtain, whereverSaid } from "./common.ts";

export const authPolicy = chapter("auth", {
  "auth.security-defaults-or-conditional-access": {
    scope: "account",
    retry: "config",
    title: {
      en: "A policy of your organisation blocks this sign-in",
      zh: "组织的安全策略阻止了这次登录",
    },
    explanation: {
      en: "Security defaults or a conditional-access rule in Microsoft Entra forbid sending by user name and password. The password may well be right.",
      zh: "Microsoft Entra 的安全默认值或条件访问策略禁止用用户名和密码发信。密码本身可能没有问题。",
    },
    steps: [
      {
        en: "Ask the administrator to exempt this mailbox from the policy.",
        zh: "请管理员为该邮箱设置策略例外。",
      },
      { en: "Or sign in with OAuth 2.0.", zh: "或者改用 OAuth 2.0 登录。" },
    ],
    signs: [{ rank: "override", kinds: ["reply"], text: /security defaults|conditional access/i }],
  },
  "auth.smtp-auth-disabled-tenant": {
    scope: "account",
    retry: "config",
    title: {
      en: "Sending over SMTP is switched off for this mailbox or organisation",
      zh: "该邮箱或组织关闭了 SMTP 发信（SMTP AUTH）",
    },
    explanation: {
      en: "Microsoft 365 has SMTP AUTH off by default, for the whole organisation or for single mailboxes. Password and OAuth sign-ins are refused alike.",
      zh: "Microsoft 365 默认关闭 SMTP AUTH，可能是整个组织，也可能是单个邮箱。密码登录和 OAuth 登录都会被拒绝。",
    },
    steps: [
      {
        en: "Administrator: Microsoft 365 admin center > Users > the mailbox > Mail > Manage email apps > tick Authenticated SMTP.",
        zh: "管理员操作：Microsoft 365 管理中心 > 用户 > 该邮箱 > 邮件 > 管理电子邮件应用 > 勾选“经过身份验证的 SMTP”。",
      },
      {
        en: "Or in PowerShell: Set-CASMailbox -Identity USER -SmtpClientAuthenticationDisabled $false",
        zh: "或在 PowerShell 中执行：Set-CASMailbox -Identity 用户 -SmtpClientAuthenticationDisabled $false",
      },
      { en: "Wait some minutes, then test the account again.", zh: "等待几分钟后重新测试该账号。" },
    ],
    links: ["https://aka.ms/smtp_auth_disabled"],
    signs: [{ rank: "override", kinds: ["reply"], text: /SmtpClientAuthentication is disabled/i }],
  },
  "auth.basic-auth-disabled": {
    scope: "account",
    retry: "config",
    title: {
      en: "{provider} no longer takes passwords for sending",
      zh: "{provider}已不再支持用密码发信",
    },
    explanation: {
      en: "Sign-in by user name and password (basic authentication) is switched off there, and app passwords with it. Only OAuth 2.0 remains.",
      zh: "对方已停用用户名加密码的登录方式（基本身份验证），应用专用密码同样会被拒绝，只能使用 OAuth 2.0 登录。",
    },
    steps: [
      { en: "Prepare OAuth 2.0: {oauth}.", zh: "准备 OAuth 2.0：{oauth}。" },
      {
        en: "Then run postrider init: it signs the account in through a browser and stores it.",
        zh: "然后运行 postrider init：在浏览器中完成授权后，账号会自动保存。",
      },
      {
        en: "Or send through a provider that gives out API keys or app passwords.",
        zh: "或者换用提供 API 密钥或应用专用密码的服务商。",
      },
    ],
    signs: [
      { rank: "override", kinds: ["reply"], text: /basic authentication is (?:disabled|not supported)/i },
      { rank: "phase", stages: ["auth", "mail"], enhanced: ["5.7.30"] },
    ],
  },
  "auth.app-password-required": {
    scope: "account",
    retry: "config",
    title: {
      en: "{provider} wants an app password, not the account's own password",
      zh: "{provider}要求使用应用专用密码，而不是账号的登录密码",
    },
    explanation: {
      en: "The password you use in the browser is not taken over SMTP. What belongs here: {secret}.",
      zh: "网页登录用的密码不能用于 SMTP。这里应填：{secret}。",
    },
    steps: [obtain, enter],
    signs: [
      {
        rank: "override",
        stages: whereverSaid,
        text: /application[- ]specific password|InvalidSecondFactor|application password is required|app(?:lication)? password/i,
      },
      { rank: "phase", stages: ["auth"], replies: [534], enhanced: ["5.7.9"] },
    ],
  },
  "auth.web-login-required": {
    scope: "account",
    retry: "config",
    title: {
      en: "{provider} wants you to sign in with a browser first",
      zh: "{provider}要求先在浏览器中登录一次",
    },
    explanation: {
      en: "The sign-in looked unusual (a new country, a data centre), and the account has to be confirmed by a person.",
      zh: "这次登录被视为异常（新的国家、机房 IP 等），需要本人确认账号。",
    },
    steps: [
      {
        en: "Sign in at {provider} with a browser and confirm that it was you; the server's words above may hold the link.",
        zh: "在浏览器中登录{provider}，确认是本人操作；上面的服务器原话中可能带有链接。",
      },
      { en: "Then use the secret meant for programs: {obtain}.", zh: "然后改用供程序使用的密码：{obtain}。" },
    ],
    signs: [
      {
        rank: "override",
        stages: whereverSaid,
        text: /signin\/continue|log ?in (?:via|with|through) your web browser|prove you are not a robot|captcha|WebLoginRequired/i,
      },
      { rank: "phase", stages: ["auth"], enhanced: ["5.7.14"] },
    ],
  },
  "auth.authorization-code-required": {
    scope: "account",
    retry: "config",
    title: {
      en: "{provider} wants an authorization code, not the account's own password",
      zh: "{provider}要求使用授权码，而不是邮箱登录密码",
    },
    explanation: {
      en: "Mail programs sign in there with an authorization code, made in the web mail once SMTP is switched on. It becomes void when the account's password changes. What belongs here: {secret}.",
      zh: "邮件程序需要用授权码登录。授权码在网页邮箱中开启 SMTP 服务后生成，修改邮箱密码后会失效。这里应填：{secret}。",
    },
    steps: [obtain, enter],
    signs: [
      {
        rank: "override",
        stages: ["auth"],
        text: /service\.mail\.qq\.com|account is abnormal, service is not open/i,
      },
      { rank: "override", stages: whereverSaid, text: /authori[sz]ation code|授权码/i },
    ],
  },
  "auth.source-ip-not-allowed": {
    scope: "account",
    retry: "config",
    title: {
      en: "{provider} does not let this machine's address in",
      zh: "{provider}不允许从本机的 IP 地址登录",
    },
    explanation: {
      en: "The account or its administrator allows certain internet addresses only. User name and secret may be right.",
      zh: "账号或管理员限定了可用的 IP 地址。用户名和密码本身可能没有问题。",
    },
    steps: [
      {
        en: "Add this machine's public addresses, IPv4 and IPv6, to the list of allowed ones at {provider}.",
        zh: "在{provider}的允许列表中添加本机的公网 IPv4 和 IPv6 地址。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["greeting", "auth", "mail", "rcpt", "content"],
        text: /unauthorized ip|not (?:allowed|permitted|authorized) from (?:this|your) ip|\bip(?: address)?(?: is)? not (?:allowed|authorized|permitted|whitelisted)|invalid credentials for relay/i,
      },
      { rank: "phase", stages: ["auth"], replies: [525] },
    ],
  },
  "auth.account-blocked-or-unpaid": {
    scope: "account",
    retry: "pause-account",
    title: {
      en: "{provider} has put the account on hold",
      zh: "{provider}暂停了该账号",
    },
    explanation: {
      en: "It is suspended, under review or not activated yet, or its trial, credits or payment ran out.",
      zh: "账号被停用、正在审核、尚未激活，或者试用、额度、付费已到期。",
    },
    steps: [
      {
        en: "Sign in at {provider} with a browser, see what it asks for, and have the hold lifted.",
        zh: "在浏览器中登录{provider}，按提示处理，解除限制。",
      },
      {
        en: "Then let the account go on: postrider account resume NAME",
        zh: "然后恢复账号：postrider account resume NAME",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["greeting", "auth", "mail", "data", "content"],
        text: /credits? exceeded|\bsuspended\b|account (?:is |has been |was )?(?:disabled|locked|blocked|closed|deactivated|inactive|frozen)|activate your|not (?:yet )?(?:been )?activated|not subscribed to|unpaid|isn't allowed to send|is not allowed to send email/i,
      },
    ],
  },
  "auth.too-many-logins": {
    scope: "account",
    retry: "pause-account",
    title: {
      en: "Too many sign-ins; {provider} has locked them for a while",
      zh: "登录次数过多，{provider}已暂时禁止登录",
    },
    explanation: {
      en: "Repeated wrong passwords or one sign-in per mail lead to this. Every further try makes the lock longer, so we pause the account.",
      zh: "反复输错密码，或者每封邮件都重新登录，都会导致这种情况。继续尝试会延长锁定时间，因此我们暂停了该账号。",
    },
    steps: [
      {
        en: "Stop every other program that signs in to {username}.",
        zh: "停止所有其他登录 {username} 的程序。",
      },
      { en: "Check the secret. What belongs here: {secret}.", zh: "检查密码。这里应填：{secret}。" },
      { en: "Wait at least an hour before the next test.", zh: "至少等待一小时再测试。" },
    ],
    signs: [
      {
        rank: "override",
        stages: ["greeting", "ehlo", ...whereverSaid],
        text: /too many (?:failed |bad |invalid |unsuccessful |wrong )*(?:log ?-?ins?|auth|sign ?-?ins?|password)|too much fail|login frequency limit|too many (?:failed |invalid )attempts/i,
      },
      { rank: "phase", stages: ["auth"], text: /too many/i },
    ],
  },
  "auth.smtp-service-not-enabled": {
    scope: "account",
    retry: "config",
    title: {
      en: "Sending over SMTP is not switched on in this mailbox",
      zh: "该邮箱没有开启 SMTP 服务",
    },
    explanation: {
      en: "Many free mailboxes have access for programs off until the owner allows it in the web mail's settings.",
      zh: "许多免费邮箱默认关闭第三方客户端访问，需要在网页邮箱的设置中开启。",
    },
    steps: [
      {
        en: "Open the settings of the mailbox at {provider} and switch on POP3/IMAP/SMTP.",
        zh: "在{provider}的邮箱设置中开启 POP3/IMAP/SMTP 服务。",
      },
      { en: "The secret to use afterwards: {obtain}.", zh: "开启后使用的密码：{obtain}。" },
    ],
    signs: [
      {
        rank: "override",
        stages: ["auth"],
        text: /has no permission|service (?:is )?not (?:open|enabled)/i,
      },
      {
        rank: "override",
        stages: whereverSaid,
        text: /smtp (?:access |service )?(?:is )?(?:disabled|not enabled)/i,
      },
      { rank: "phase", stages: ["auth"], replies: [550] },
    ],
  },
});
