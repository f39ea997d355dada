// Signing in. An account's fault is never a message's: a wrong password discards no mail.
import type { Stage } from "../../smtp/stage.ts";
import { chapter } from "../entry.ts";

/** Where a server says that the sign-in was refused; a few say so only when mail is offered. */
const whereverSaid: readonly Stage[] = ["auth", "mail", "rcpt", "data", "content"];

const obtain = {
  en: "Get one: {obtain}.",
  zh: "获取方式：{obtain}。",
};
const enter = {
  en: "Enter it as the secret of the account; mail that waits is then sent by itself.",
  zh: "把它填为该账号的密码，等待中的邮件随后会自动发出。",
};

export const auth = chapter("auth", {
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
  "auth.oauth-token-refused": {
    scope: "account",
    retry: "config",
    title: {
      en: "The OAuth connection to {provider} has ended",
      zh: "与{provider}的 OAuth 授权已失效",
    },
    explanation: {
      en: "The refresh token or the application's secret is no longer taken: the password changed, consent was withdrawn, the token lay unused too long, or the secret ran out. {detail}",
      zh: "刷新令牌或应用密钥不再有效：密码已修改、授权被撤销、令牌长期未使用，或应用密钥已过期。{detail}",
    },
    steps: [
      { en: "Connect the account again.", zh: "重新连接该账号。" },
      {
        en: "If it ends again after some days, take the OAuth application out of test mode, or renew its secret.",
        zh: "如果几天后再次失效，请将 OAuth 应用从测试状态发布，或更新应用密钥。",
      },
    ],
    signs: [
      { rank: "override", stages: ["auth"], text: /invalid_grant|invalid_client|unauthorized_client/i },
    ],
  },
  "auth.oauth-unreachable": {
    scope: "endpoint",
    retry: "transient",
    title: {
      en: "The OAuth service of {provider} does not answer",
      zh: "{provider}的 OAuth 服务没有响应",
    },
    explanation: {
      en: "A new access token could not be fetched; the account itself was not refused. {detail}",
      zh: "无法获取新的访问令牌，账号本身并未被拒绝。{detail}",
    },
    symptom: {
      en: "The token request times out or is refused, so the sign-in never begins.",
      zh: "令牌请求超时或被拒绝连接，登录还没有开始。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again by itself.",
        zh: "请等待几分钟；等待中的邮件会自动重试。",
      },
      {
        en: "If it stays, check that this machine may open HTTPS connections.",
        zh: "如果持续失败，请确认本机可以发起 HTTPS 连接。",
      },
    ],
  },
  "auth.xoauth2-challenge": {
    scope: "account",
    retry: "config",
    title: {
      en: "{provider} refused the access token",
      zh: "{provider}拒绝了访问令牌",
    },
    explanation: {
      en: "The token has run out, was issued to another mailbox than {username}, or lacks the permission to send over SMTP (at Google the scope https://mail.google.com/).",
      zh: "令牌已过期、不属于 {username} 这个邮箱，或缺少通过 SMTP 发信的权限（Google 需要 https://mail.google.com/ 权限范围）。",
    },
    steps: [
      {
        en: "Connect the account again, for exactly the mailbox {username}, and grant the permission to send mail.",
        zh: "重新连接账号，务必选择 {username} 这个邮箱，并授予发送邮件的权限。",
      },
    ],
    signs: [
      { rank: "override", stages: ["auth"], challenge: /^\s*\{/ },
      { rank: "override", stages: ["auth"], text: /\beyJzdGF0dXMi/ },
    ],
  },
  "auth.server-not-authentic": {
    scope: "endpoint",
    retry: "config",
    title: { en: "{host} could not prove that it knows the secret", zh: "{host} 无法证明它知道账号的密码" },
    explanation: {
      en: "In SCRAM both sides prove that they know the secret, and the server's proof was wrong: it is not the server it claims to be, or it is faulty. The secret itself was not given away.",
      zh: "SCRAM 要求双方互相证明知道密码，而服务器给出的证明是错的：它可能是冒充的，或者有故障。密码本身没有泄露。",
    },
    steps: [
      { en: "Check the host name: {endpoints}.", zh: "检查主机名：{endpoints}。" },
      { en: "Find out who operates the server that answers there.", zh: "查明在那里应答的服务器由谁运营。" },
    ],
    signs: [{ rank: "override", codes: ["SERVER_NOT_AUTHENTIC"] }],
  },
  "auth.not-offered-before-tls": {
    scope: "account",
    retry: "config",
    title: { en: "{host} offers sign-in only after encryption", zh: "{host} 只在加密之后才提供登录" },
    explanation: {
      en: "The account is set to {security}, and in clear this server has no sign-in to offer. That is normal; the setting is what has to change.",
      zh: "账号的设置是{security}，而服务器在明文连接上不提供登录。这是正常的，需要修改的是设置。",
    },
    steps: [
      {
        en: "Set the security to STARTTLS, or use port 465 with SSL/TLS. Settings that fit: {endpoints}.",
        zh: "把加密方式改为 STARTTLS，或使用 465 端口和 SSL/TLS。可用的设置：{endpoints}。",
      },
    ],
    signs: [
      { rank: "override", codes: ["AUTH_NOT_OFFERED", "NO_COMMON_MECHANISM"], secured: false },
      { rank: "phase", stages: ["auth"], secured: false, replies: [503, 530] },
    ],
  },
  "auth.not-offered-at-all": {
    scope: "account",
    retry: "config",
    title: { en: "{host} offers no sign-in on port {port}", zh: "{host} 的端口 {port} 不提供登录" },
    explanation: {
      en: "This is a host that receives mail for a domain, or a relay that trusts certain addresses and wants no sign-in.",
      zh: "这是域名的收信主机，或者是按 IP 信任、不需要登录的中继。",
    },
    steps: [
      {
        en: "Use the host and port for submission: {endpoints}.",
        zh: "请使用发信的主机和端口：{endpoints}。",
      },
      {
        en: "If the relay trusts this machine by its address, remove user name and secret from the account.",
        zh: "如果该中继按 IP 信任本机，请从账号中去掉用户名和密码。",
      },
    ],
    signs: [
      { rank: "phase", codes: ["AUTH_NOT_OFFERED"] },
      { rank: "phase", stages: ["auth"], replies: [500, 502, 503] },
    ],
  },
  "auth.mechanism-unsupported": {
    scope: "account",
    retry: "config",
    title: {
      en: "{host} offers no way of signing in that this account can use",
      zh: "{host} 没有提供该账号可用的登录方式",
    },
    explanation: {
      en: "The server takes other mechanisms than the account has (for example OAuth only, or NTLM). {detail}",
      zh: "服务器支持的登录机制与账号不符（例如只支持 OAuth 或 NTLM）。{detail}",
    },
    steps: [
      {
        en: "If the server takes OAuth 2.0 only, connect the account with OAuth 2.0.",
        zh: "如果服务器只支持 OAuth 2.0，请用 OAuth 2.0 连接账号。",
      },
      {
        en: "Otherwise ask {provider} for an endpoint with PLAIN or LOGIN over TLS.",
        zh: "否则请向{provider}询问支持 PLAIN 或 LOGIN（经 TLS）登录的服务器和端口。",
      },
    ],
    signs: [
      { rank: "phase", codes: ["NO_COMMON_MECHANISM"] },
      { rank: "phase", stages: ["auth"], replies: [504] },
      { rank: "phase", stages: ["auth"], enhanced: ["5.7.4"] },
      {
        rank: "phase",
        stages: ["auth"],
        text: /unrecognized authentication type|mechanism (?:not|is not|un)/i,
      },
      { rank: "class", stages: ["auth"], replies: [534] },
    ],
  },
  "auth.malformed-sasl": {
    scope: "account",
    retry: "config",
    title: { en: "{host} could not read the sign-in data", zh: "{host} 无法解析登录数据" },
    explanation: {
      en: "User name or secret is empty or holds characters that the server does not understand.",
      zh: "用户名或密码为空，或者包含服务器无法识别的字符。",
    },
    steps: [
      {
        en: "Enter user name and secret again; look for an empty field and for non-ASCII characters.",
        zh: "重新输入用户名和密码，注意是否为空、是否含有非 ASCII 字符。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["auth"],
        class: 5,
        text: /(?:invalid|cannot decode|can't decode|malformed).{0,24}(?:base64|response|auth)|is NULL/i,
      },
      { rank: "phase", stages: ["auth"], replies: [501, 523, 524] },
    ],
  },
  "auth.wrong-kind-of-key": {
    scope: "account",
    retry: "config",
    title: {
      en: "This is not the kind of secret that {provider} wants for SMTP",
      zh: "这不是{provider}的 SMTP 所需的那种密钥",
    },
    explanation: {
      en: "The sign-in was refused, and the secret does not look like the one for sending over SMTP. What belongs here: {secret}.",
      zh: "登录被拒绝，并且所填内容不像 SMTP 专用的密钥。这里应填：{secret}。",
    },
    symptom: {
      en: "A 535 with a key that works for the provider's API or console.",
      zh: "密钥在服务商的 API 或控制台可用，SMTP 登录却得到 535。",
    },
    steps: [
      obtain,
      { en: "User name that goes with it: {usernameRule}.", zh: "与之配套的用户名：{usernameRule}。" },
      enter,
    ],
  },
  "auth.temporary-failure": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "{provider} cannot check sign-ins at the moment", zh: "{provider}暂时无法验证登录" },
    explanation: {
      en: "The fault is on the server's side and passes. User name and secret were not judged.",
      zh: "问题出在服务器一侧，稍后会恢复。用户名和密码并未被判定为错误。",
    },
    steps: [
      {
        en: "Leave the secret as it is, and wait some minutes; mail that waits is tried again by itself.",
        zh: "不要修改密码，请等待几分钟；等待中的邮件会自动重试。",
      },
    ],
    signs: [
      { rank: "phase", stages: ["auth"], replies: [421, 430, 432, 435, 450, 451, 452, 454] },
      { rank: "class", stages: ["auth"], status: 4 },
    ],
  },
  "auth.connection-closed": {
    scope: "endpoint",
    retry: "connection",
    title: { en: "{host} closed the connection during sign-in", zh: "{host} 在登录过程中断开了连接" },
    explanation: {
      en: "No reply came to the sign-in. A guard against password guessing may have banned this machine's address, or a device on the way cut the connection.",
      zh: "登录请求没有得到答复。可能是防暴力破解机制封禁了本机 IP，或者途中的设备切断了连接。",
    },
    steps: [
      {
        en: "Wait a quarter of an hour, as such bans end by themselves.",
        zh: "等待十五分钟，这类封禁通常会自动解除。",
      },
      {
        en: "Check the secret before the next test. What belongs here: {secret}.",
        zh: "再次测试前先检查密码。这里应填：{secret}。",
      },
      { en: "Try another endpoint: {otherEndpoints}.", zh: "换用其他服务器或端口：{otherEndpoints}。" },
    ],
    signs: [{ rank: "phase", stages: ["auth"], codes: ["CLOSED", "ECONNRESET", "EPIPE", "ECONNABORTED"] }],
  },
  "auth.bad-credentials": {
    scope: "account",
    retry: "config",
    title: {
      en: "{provider} refused the user name or the secret",
      zh: "{provider}拒绝登录：用户名或密码不对",
    },
    explanation: {
      en: "The sign-in of {username} at {host} was refused. What belongs here as secret: {secret}.",
      zh: "{username} 在 {host} 的登录被拒绝。密码一栏应填：{secret}。",
    },
    steps: [
      { en: "Check the user name: {usernameRule}.", zh: "检查用户名：{usernameRule}。" },
      {
        en: "Enter the secret again, without spaces; in doubt make a new one: {obtain}.",
        zh: "重新填写密码，不要带空格；如有疑问，请重新获取：{obtain}。",
      },
      {
        en: "Then test the account again, once: repeated wrong sign-ins lock accounts.",
        zh: "然后只重新测试一次：反复登录失败会导致账号被锁定。",
      },
    ],
    signs: [
      { rank: "phase", stages: ["auth"], replies: [526] },
      { rank: "phase", stages: whereverSaid, replies: [535] },
      { rank: "phase", stages: ["auth"], enhanced: ["5.7.8", "5.7.3"] },
      { rank: "class", stages: ["auth"], replies: [521, 530, 538, 552, 553, 554, 571] },
      { rank: "class", stages: ["auth"], status: 5 },
    ],
  },
});
