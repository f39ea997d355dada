// What did not come from the mail server: proxies, broken dialogues, our own refusals, and what nobody knows.
import { chapter } from "../entry.ts";

export const proxy = chapter("proxy", {
  "proxy.sign-in-refused": {
    scope: "account",
    retry: "config",
    title: { en: "The proxy refuses user name or password", zh: "代理拒绝了用户名或密码" },
    explanation: {
      en: "The mail server was not reached; the proxy in between wants a sign-in. {detail}",
      zh: "尚未到达邮件服务器，中间的代理要求登录。{detail}",
    },
    steps: [
      {
        en: "Set the proxy's user name and password in the account.",
        zh: "在账号中设置代理的用户名和密码。",
      },
    ],
    signs: [
      {
        rank: "override",
        codes: ["PROXY_REFUSED"],
        text: /\b407\b|authenticat|credential|user ?name|password/i,
      },
    ],
  },
  "proxy.refused": {
    scope: "endpoint",
    retry: "connection",
    title: { en: "The proxy does not connect to {host}:{port}", zh: "代理拒绝连接 {host}:{port}" },
    explanation: {
      en: "It allows other destinations or ports only (many let nothing but 443 pass), or could not reach the server itself. {detail}",
      zh: "代理只允许某些目标或端口（很多只放行 443），或者它自己也无法到达该服务器。{detail}",
    },
    steps: [
      {
        en: "Ask who runs the proxy to allow {host}, port {port}.",
        zh: "请代理管理员放行 {host} 的端口 {port}。",
      },
      {
        en: "Or try another endpoint: {otherEndpoints}.",
        zh: "或者换用其他服务器或端口：{otherEndpoints}。",
      },
    ],
    signs: [{ rank: "override", codes: ["PROXY_REFUSED"] }],
  },
  "proxy.unreachable": {
    scope: "endpoint",
    retry: "connection",
    title: { en: "The proxy cannot be reached", zh: "无法连接代理" },
    explanation: {
      en: "The connection to the proxy itself failed; the mail server was not tried. {detail}",
      zh: "到代理本身的连接失败，尚未尝试邮件服务器。{detail}",
    },
    symptom: {
      en: "The connection fails before the mail server is asked; the error names the proxy's address.",
      zh: "还没有连到邮件服务器就失败，错误中是代理的地址。",
    },
    steps: [
      {
        en: "Check host and port of the proxy in the account, and that it runs.",
        zh: "检查账号中代理的主机和端口，并确认代理正在运行。",
      },
    ],
    signs: [{ rank: "override", stages: ["proxy"] }],
  },
});

export const protocol = chapter("protocol", {
  "protocol.unexpected-reply": {
    scope: "endpoint",
    retry: "connection",
    title: { en: "{host} sent a reply that nobody asked for", zh: "{host} 返回了意料之外的回复" },
    explanation: {
      en: "A reply came that fits no command of ours, so that from here on no answer could be trusted. We closed the connection.",
      zh: "收到了与任何命令都不对应的回复，此后的应答都不可信，因此我们断开了连接。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again on a new connection.",
        zh: "请等待几分钟；等待中的邮件会用新的连接重试。",
      },
      {
        en: "If it stays, something between here and {host} rewrites the dialogue.",
        zh: "如果持续出现，说明本机与 {host} 之间有设备在改写会话。",
      },
    ],
    signs: [
      { rank: "phase", codes: ["UNEXPECTED_REPLY"] },
      { rank: "class", class: 2 },
      { rank: "class", class: 3 },
    ],
  },
  "protocol.broken-reply": {
    scope: "endpoint",
    retry: "connection",
    title: { en: "What {host} sent is not SMTP", zh: "{host} 发来的内容不符合 SMTP" },
    explanation: {
      en: "A reply was malformed, or longer than any reply may be. {detail}",
      zh: "回复的格式错误，或者长度超出限制。{detail}",
    },
    symptom: {
      en: "The dialogue breaks off at bytes that are not a reply.",
      zh: "收到不成回复的内容，会话中断。",
    },
    steps: [
      {
        en: "Check that host and port are those of a mail server: {endpoints}.",
        zh: "确认主机和端口属于邮件服务器：{endpoints}。",
      },
      { en: "If the server is your own, look at its log.", zh: "如果是自建服务器，请查看它的日志。" },
    ],
    signs: [{ rank: "class", kinds: ["protocol"] }],
  },
});

export const client = chapter("client", {
  "client.secret-in-clear": {
    scope: "account",
    retry: "config",
    title: {
      en: "We do not send a password over an unencrypted connection",
      zh: "我们不会在未加密的连接上发送密码",
    },
    explanation: {
      en: "The account is set to {security}, and everyone on the way to {host} could read the secret. It was not sent.",
      zh: "账号的设置是{security}，通往 {host} 途中的任何人都能读到密码。密码没有发出。",
    },
    steps: [
      {
        en: "Set the security to STARTTLS (port 587) or SSL/TLS (port 465). Settings that fit: {endpoints}.",
        zh: "把加密方式改为 STARTTLS（587 端口）或 SSL/TLS（465 端口）。可用的设置：{endpoints}。",
      },
    ],
    signs: [{ rank: "override", codes: ["SECRET_IN_CLEAR"] }],
  },
  "client.aborted": {
    scope: "ours",
    retry: "transient",
    title: { en: "The attempt was ended from our side", zh: "本次尝试由我方中止" },
    explanation: {
      en: "This process was shutting down or the caller stopped it. Nothing is wrong with the mail.",
      zh: "程序正在退出，或由调用方停止。邮件本身没有问题。",
    },
    steps: [{ en: "Nothing to do: the mail is tried again by itself.", zh: "无需操作，邮件会自动重试。" }],
    signs: [
      { rank: "override", kinds: ["aborted"] },
      { rank: "override", codes: ["ABORTED"] },
    ],
  },
});

export const message = chapter("message", {
  "message.malformed": {
    scope: "message",
    retry: "permanent",
    title: { en: "The message cannot be sent as it is", zh: "邮件存在问题，无法发送" },
    explanation: { en: "Before it went out we found: {detail}", zh: "发送前发现：{detail}" },
    steps: [{ en: "Correct that and send a new message.", zh: "改正后重新发送。" }],
    signs: [{ rank: "phase", stages: ["data", "content"], codes: ["BAD_INPUT"] }],
  },
  "message.too-large-for-limit": {
    scope: "message",
    retry: "permanent",
    title: { en: "The message is over the size limit", zh: "邮件超过了大小限制" },
    explanation: {
      en: "It was refused here, before any provider was asked. {detail}",
      zh: "在提交给服务商之前已被本机拒绝。{detail}",
    },
    symptom: {
      en: "The message is refused at once, before anything is sent.",
      zh: "邮件立即被拒，尚未发送任何内容。",
    },
    steps: [
      { en: "Make the attachments smaller, or send a link to them.", zh: "压缩附件，或改为发送下载链接。" },
    ],
  },
  "message.expired": {
    scope: "message",
    retry: "permanent",
    title: { en: "The message ran out before it could be sent", zh: "邮件在发出之前已过有效期" },
    explanation: {
      en: "It was not to be delivered after a certain time, such as a link that is good for an hour. {detail}",
      zh: "这封邮件设有最晚送达时间（例如一小时内有效的链接）。{detail}",
    },
    symptom: {
      en: "The message ends in the queue with its time over, and no further attempt is made.",
      zh: "邮件在队列中到期结束，不再尝试。",
    },
    steps: [
      {
        en: "Ask for a new one; see under the message why it had to wait.",
        zh: "请重新申请；等待的原因见该邮件的记录。",
      },
    ],
  },
  "message.gave-up": {
    scope: "message",
    retry: "permanent",
    title: { en: "The message was tried for as long as allowed", zh: "邮件已重试到允许的期限" },
    explanation: {
      en: "Every attempt met a passing fault, and the time for trying is over. {detail}",
      zh: "每次尝试都遇到临时故障，重试期限已到。{detail}",
    },
    symptom: {
      en: "The message ends after its last attempt; each one failed for the time being.",
      zh: "最后一次尝试后邮件结束；每次都是暂时失败。",
    },
    steps: [
      {
        en: "Look at the last attempt; once its cause is gone: postrider messages retry ID",
        zh: "查看最后一次尝试；原因消除后执行：postrider messages retry ID",
      },
    ],
  },
});

export const unknown = chapter("unknown", {
  "unknown.reply": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "{host} gave a reply that we do not know", zh: "{host} 返回了无法识别的回复" },
    explanation: {
      en: "We take it for a passing fault and keep the mail.",
      zh: "我们把它当作临时故障处理，邮件会保留。",
    },
    symptom: {
      en: "The transcript holds a reply whose code and words no other entry fits.",
      zh: "会话记录中的回复代码和文字不属于其他任何条目。",
    },
    steps: [
      {
        en: "Read the server's own words above; mail that waits is tried again by itself.",
        zh: "请阅读上面的服务器原话；等待中的邮件会自动重试。",
      },
      { en: "If it stays, ask {provider} what it means.", zh: "如果持续出现，请向{provider}询问其含义。" },
    ],
  },
  "unknown.failure": {
    scope: "ours",
    retry: "transient",
    title: { en: "Something failed in a way that we do not know", zh: "发生了未知的故障" },
    explanation: {
      en: "We take it for a passing fault and keep the mail. {detail}",
      zh: "我们把它当作临时故障处理，邮件会保留。{detail}",
    },
    symptom: {
      en: "An error without a reply whose code no other entry names.",
      zh: "没有回复，且错误代码不属于其他任何条目。",
    },
    steps: [
      {
        en: "Mail that waits is tried again by itself. If it stays, report it with the transcript.",
        zh: "等待中的邮件会自动重试。如果持续出现，请附上会话记录反馈给我们。",
      },
    ],
  },
});
