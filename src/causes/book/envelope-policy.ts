// Whom and how much an account may send: senders, limits, relaying, lists; asked at MAIL FROM, at RCPT TO or after DATA.
import { chapter } from "../entry.ts";
import { fixSender, transaction } from "./common.ts";

export const envelopePolicy = chapter("envelope", {
  "envelope.sandbox": {
    scope: "account",
    retry: "config",
    title: {
      en: "The account may send to its own test recipients only",
      zh: "该账号处于测试状态，只能发给指定的收件人",
    },
    explanation: {
      en: "New accounts at {provider} deliver only to addresses that were approved, until the domain is verified or production access is granted.",
      zh: "{provider}的新账号在验证域名或获得正式权限之前，只能发给已批准的地址。",
    },
    steps: [
      {
        en: "Verify your own domain at {provider}, or ask for production access.",
        zh: "在{provider}验证自己的域名，或申请正式发信权限。",
      },
      {
        en: "For a test, send to the address that owns the account.",
        zh: "如果只是测试，请发给账号本人的地址。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: transaction,
        text: /for test(?:ing)? purposes|only send testing emails|sandbox (?:subdomain|domain|mode|account)/i,
      },
    ],
  },
  "envelope.sender-not-verified": {
    scope: "sender",
    retry: "permanent",
    title: {
      en: "The sender {sender} is not verified at {provider}",
      zh: "发件人 {sender} 没有在{provider}通过验证",
    },
    explanation: {
      en: "{provider} sends only for addresses or domains whose owner has proved that they are theirs. The rule there: {senderRule}.",
      zh: "{provider}只允许使用已证明归属的地址或域名发信。规则：{senderRule}。",
    },
    steps: [
      {
        en: "Verify the sender's domain, or the single address, at {provider}; a service with regions keeps a list for each.",
        zh: "在{provider}验证发件人的域名或单个地址；分区域的服务需在账号所在区域验证。",
      },
      {
        en: "Or set the From address to one that is verified already.",
        zh: "或者把发件人改为已验证的地址。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["mail", "data", "content"],
        text: /verified sender identity|(?:address|domain|sender|identity|identities|from) (?:is |are )?not (?:yet )?(?:been )?verified|unverified sender/i,
      },
      {
        rank: "override",
        stages: ["rcpt"],
        text: /verified sender identity|unverified sender|sender (?:is )?not verified/i,
      },
    ],
  },
  "envelope.sender-not-owned": {
    scope: "sender",
    retry: "permanent",
    title: {
      en: "The account may not send as {sender}",
      zh: "该账号不能以 {sender} 的名义发信",
    },
    explanation: {
      en: "{provider} lets an account send only under addresses of its own. The rule there: {senderRule}.",
      zh: "{provider}只允许账号使用自己的地址发信。规则：{senderRule}。",
    },
    steps: [fixSender],
    signs: [
      {
        rank: "override",
        stages: transaction,
        text: /authori[sz](?:ation|ed) user|not owned by|SendAsDenied|relaying disallowed as|forged sender|permissions? to send as|not allowed to send as|conform with authentication|not one of your addresses|sender address is not allowed|not local sender over smtp|local user only|not authorized to send (?:from|as)|not authorized to perform .{0,12}send/i,
      },
      { rank: "override", stages: transaction, enhanced: ["5.7.60"] },
    ],
  },
  "envelope.daily-quota": {
    scope: "account",
    retry: "pause-account",
    title: {
      en: "The sending limit of the account is used up",
      zh: "账号的发信额度已用完",
    },
    explanation: {
      en: "{provider} allows a certain number of messages per day or month, and it is reached. The reply may look final, but it ends when the count starts anew. The mail waits.",
      zh: "{provider}限制每天或每月的发信数量，现已达到上限。回复看似永久拒绝，但额度重置后即可恢复。邮件会继续等待。",
    },
    steps: [
      {
        en: "Wait until the limit is reset, at the latest after 24 hours for a daily one.",
        zh: "等待额度重置，按天计算的最迟 24 小时。",
      },
      {
        en: "Add a second account to the route, or move to a larger plan where {provider} has one.",
        zh: "在线路中加入第二个账号；如果{provider}提供更大的套餐，也可以升级。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["auth", "mail", "data", "content"],
        text: /daily .{0,30}(?:limit|quota)|(?:monthly|hourly) .{0,30}(?:limit|quota)|(?:message|sending|submission|send) ?(?:quota|limit) ?(?:has been |is |was )?(?:exceeded|reached)|RefuseQuota|SubmissionQuotaExceeded|quota exceeded|exceeded .{0,30}(?:quota|sending limit)|mailbox unavailable or access denied/i,
      },
      {
        rank: "override",
        stages: ["rcpt"],
        text: /daily .{0,30}(?:limit|quota)|sending (?:quota|limit) ?(?:has been |is |was )?(?:exceeded|reached)|mailbox unavailable or access denied/i,
      },
      { rank: "override", enhanced: ["5.4.5"] },
    ],
  },
  "envelope.rate-limited": {
    scope: "account",
    retry: "pause-account",
    title: {
      en: "Mail goes out faster than {provider} allows",
      zh: "发信速度超过了{provider}的限制",
    },
    explanation: {
      en: "Too many messages in a short time, or too many at once. Nothing is wrong with the message; it goes out when the pace is lower.",
      zh: "短时间内发送的邮件太多，或并发太高。邮件本身没有问题，降低速度后就会发出。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits goes out later, and more slowly.",
        zh: "请等待几分钟；等待中的邮件稍后会以较低的速度发出。",
      },
      {
        en: "See whether another program sends through the same account.",
        zh: "检查是否有其他程序在使用同一账号发信。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["rcpt", "content"],
        text: /receiving mail (?:too quickly|at a rate)/i,
        scope: "recipient",
        retry: "transient",
      },
      {
        rank: "override",
        text: /throttl|maximum sending rate|rate[- ]limit|rate (?:limit )?exceeded|too (?:quickly|fast)\b|unusual rate|unexpected volume|too many (?:e?mails|messages) (?:per|sent|in|from)|frequency limited|peak smtp relay|behaviou?r spam|MI:S[FT]Q|slow down|failure sending mail\. try again later/i,
      },
      { rank: "phase", replies: [432], stages: transaction },
    ],
  },
  "envelope.authentication-required": {
    scope: "account",
    retry: "config",
    title: { en: "{host} wants a sign-in before mail", zh: "{host} 要求先登录再发信" },
    explanation: {
      en: "The mail was offered without signing in: the account has no user name and secret, or the server offered no sign-in.",
      zh: "发信前没有登录：账号没有设置用户名和密码，或者服务器没有提供登录。",
    },
    steps: [
      {
        en: "Give the account its user name: {usernameRule}.",
        zh: "为账号填写用户名：{usernameRule}。",
      },
      { en: "And its secret: {secret}.", zh: "并填写密码：{secret}。" },
      {
        en: "Use an endpoint that offers sign-in: {endpoints}.",
        zh: "使用提供登录的服务器和端口：{endpoints}。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: transaction,
        text: /authentication (?:is )?required|(?:not|was not|wasn't) authenticated|unauthenticated senders|unauthenticated email(?!.{0,120}dmarc)|not logged in|must (?:first )?(?:be )?authenticate|please authenticate|authenticate first|need to authenticate|auth first|not authenticated/i,
      },
      { rank: "phase", stages: transaction, replies: [530] },
      { rank: "phase", stages: transaction, enhanced: ["5.7.57"] },
    ],
  },
  "envelope.relay-denied": {
    scope: "account",
    retry: "config",
    title: {
      en: "{host} does not pass mail on for this account",
      zh: "{host} 不为该账号转发邮件",
    },
    explanation: {
      en: "The server takes mail for its own domains only: either nobody signed in, or it is a host that receives mail and not one for sending.",
      zh: "服务器只接收发往自己域名的邮件：要么没有登录，要么它是收信主机而不是发信主机。",
    },
    steps: [
      {
        en: "Use the host for submission and sign in: {endpoints}.",
        zh: "请使用发信主机并登录：{endpoints}。",
      },
      {
        en: "If the relay trusts addresses, add this machine's public address to its list.",
        zh: "如果中继按 IP 信任，请把本机的公网 IP 加入其列表。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: transaction,
        text: /relay(?:ing)? access denied|relay(?:ing)? (?:is )?(?:denied|prohibited|not permitted|not allowed)|unable to relay|not permitted to relay|we do not relay/i,
      },
    ],
  },
  "envelope.greylisted": {
    scope: "recipient",
    retry: "transient",
    title: {
      en: "The receiving side asks to try again later (greylisting)",
      zh: "收件方要求稍后重试（灰名单）",
    },
    explanation: {
      en: "The server puts off mail from senders it does not know for some minutes, on purpose: spammers seldom come back. Postrider does.",
      zh: "服务器有意让陌生发件人的邮件等几分钟，因为垃圾邮件发送者很少重试，而 Postrider 会自动重试。",
    },
    steps: [{ en: "Nothing to do: the mail is tried again by itself.", zh: "无需操作，邮件会自动重试。" }],
    signs: [
      { rank: "override", stages: transaction, class: 4, text: /gr[ea]y-?\s?list/i },
      {
        rank: "phase",
        stages: ["rcpt"],
        replies: [422, 450, 451],
        text: /try (?:again|later)|come back|retry|later/i,
      },
    ],
  },
  "envelope.source-ip-listed": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "This machine's internet address is on a block list",
      zh: "本机的公网 IP 地址在黑名单上",
    },
    explanation: {
      en: "The server refused because of the address the connection came from, not because of the mail: it has sent to many unknown recipients or to traps, or belongs to a network that should send through a provider.",
      zh: "服务器拒绝的是来源 IP，而不是邮件本身：该 IP 曾发往大量不存在的收件人或垃圾邮件陷阱，或者属于不应直接投递邮件的网段。",
    },
    steps: [
      {
        en: "Send through a provider with sign-in, or from a machine with another address.",
        zh: "通过需要登录的服务商发信，或换一台 IP 不同的机器。",
      },
      {
        en: "Where the server's words name a list, ask there to have the address removed; else ask {provider}.",
        zh: "如果服务器原话中提到黑名单，请到该名单申请移除该 IP；否则请联系{provider}。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["ehlo", ...transaction],
        text: /blocked using|spamhaus|spamcop|barracuda|\bdnsbl\b|\brbl\b|banned sending ip|black-?list|block ?list|listed (?:in|on|at|by) /i,
      },
      { rank: "override", text: /HL:REP/ },
    ],
  },
});
