// The sign-in itself: tokens, mechanisms, credentials. Never a message's fault: a wrong password discards no mail.
import { chapter } from "../entry.ts";
import { enter, obtain, whereverSaid } from "./common.ts";

export const auth = chapter("auth", {
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
