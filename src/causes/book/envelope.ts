// The envelope itself: addresses, sizes and counts, and what MAIL FROM and RCPT TO are answered with.
import { chapter } from "../entry.ts";
import { fixSender, transaction } from "./common.ts";

export const envelope = chapter("envelope", {
  "envelope.too-large": {
    scope: "message",
    retry: "permanent",
    title: { en: "The message is larger than {host} takes", zh: "邮件超过了 {host} 允许的大小" },
    explanation: {
      en: "What counts is the encoded message; attachments grow by more than a third when they are encoded. {detail}",
      zh: "计算的是编码后的大小，附件编码后会增大三分之一以上。{detail}",
    },
    steps: [
      { en: "Make the attachments smaller, or send a link to them.", zh: "压缩附件，或改为发送下载链接。" },
    ],
    signs: [
      { rank: "override", codes: ["TOO_LARGE"] },
      {
        rank: "override",
        stages: transaction,
        class: 5,
        text: /message (?:file )?(?:size )?(?:is )?(?:too (?:large|big|long)|exceeds)|(?:message|fixed|maximum) size (?:limit|exceed)|size limits?|message is larger|exceeded .{0,30}size|length of data content/i,
      },
      { rank: "phase", stages: transaction, replies: [523] },
      { rank: "phase", stages: transaction, enhanced: ["5.3.4", "5.2.3"] },
      { rank: "class", stages: ["mail", "content"], replies: [552] },
    ],
  },
  "envelope.mailbox-full": {
    scope: "recipient",
    retry: "transient",
    title: { en: "The recipient's mailbox is full", zh: "收件人的邮箱已满" },
    explanation: {
      en: "It may be emptied at any time, so we keep trying for a while.",
      zh: "对方可能随时清理邮箱，因此我们会继续重试一段时间。",
    },
    steps: [{ en: "Tell the recipient by other means.", zh: "请通过其他方式告知收件人。" }],
    signs: [
      {
        rank: "override",
        stages: ["rcpt"],
        text: /mailbox (?:is )?full|over ?-?quota|quota (?:is )?(?:exceeded|full)|insufficient (?:disk )?space|out of storage/i,
      },
      { rank: "override", stages: ["content"], text: /mailbox (?:is )?full|over ?-?quota/i },
      { rank: "enhanced", stages: transaction, enhanced: ["4.2.2", "5.2.2"] },
    ],
  },
  "envelope.too-many-recipients": {
    scope: "recipient",
    retry: "transient",
    title: { en: "Too many recipients for one message", zh: "单封邮件的收件人过多" },
    explanation: {
      en: "{host} took the first recipients and refused the rest. The rest goes out in messages of its own.",
      zh: "{host} 接受了前面的收件人，拒绝了其余的。其余收件人会另行发送。",
    },
    steps: [
      {
        en: "Nothing to do; to avoid it, address fewer recipients at once.",
        zh: "无需操作；如要避免，请减少单封邮件的收件人数量。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: transaction,
        text: /too many recipients|recipients? limit|recipient count|number of recipients|RP:[DC]RC|number of RCPT attempts/i,
      },
      { rank: "enhanced", stages: transaction, enhanced: ["4.5.3", "5.5.3"] },
    ],
  },
  "envelope.smtputf8-missing": {
    scope: "envelope",
    retry: "permanent",
    title: {
      en: "{host} does not take addresses with international characters",
      zh: "{host} 不支持含有国际字符的邮箱地址",
    },
    explanation: {
      en: "An address has non-ASCII characters before the @, and this server lacks the extension for that (SMTPUTF8).",
      zh: "某个地址的 @ 前面含有非 ASCII 字符，而服务器不支持相应的扩展（SMTPUTF8）。",
    },
    steps: [
      {
        en: "Use an address in plain ASCII, or a provider that has SMTPUTF8.",
        zh: "改用纯 ASCII 地址，或使用支持 SMTPUTF8 的服务商。",
      },
    ],
    signs: [
      { rank: "override", codes: ["SMTPUTF8_NOT_OFFERED"] },
      { rank: "override", stages: transaction, class: 5, text: /SMTPUTF8|unicode address/i },
      { rank: "enhanced", stages: transaction, enhanced: ["5.6.7"] },
    ],
  },
  "envelope.domain-not-found": {
    scope: "envelope",
    retry: "permanent",
    title: { en: "The domain of an address does not exist", zh: "邮箱地址的域名不存在" },
    explanation: {
      en: "The server found no mail host for a domain in the envelope: a typing mistake, or a name such as localhost that nobody else knows.",
      zh: "服务器找不到信封中某个域名的邮件主机：可能是拼写错误，也可能是 localhost 之类只在本机有效的名称。",
    },
    steps: [
      {
        en: "Check sender ({sender}) and recipient for misspelled domains.",
        zh: "检查发件人（{sender}）和收件人的域名是否拼写正确。",
      },
    ],
    signs: [
      {
        rank: "phase",
        stages: transaction,
        text: /sender address rejected: domain not found|domain of sender address/i,
        scope: "sender",
      },
      {
        rank: "phase",
        stages: transaction,
        text: /domain (?:name )?not found|host not found|domain does(?: not|n't) exist|no such domain|unrouteable|unroutable/i,
      },
      { rank: "enhanced", stages: transaction, enhanced: ["4.1.8", "5.1.8"], scope: "sender" },
      { rank: "enhanced", stages: transaction, enhanced: ["4.1.2", "5.1.2"] },
    ],
  },
  "envelope.syntax": {
    scope: "envelope",
    retry: "permanent",
    title: { en: "An address is not written as an address", zh: "邮箱地址的格式不正确" },
    explanation: {
      en: "The server could not read the sender or a recipient: a display name in its place, a missing @, a space, or several addresses in one field.",
      zh: "服务器无法识别发件人或收件人：可能填了显示名称、缺少 @、含有空格，或在一栏里写了多个地址。",
    },
    steps: [
      {
        en: "Give one bare address per field, such as name@example.com.",
        zh: "每一栏只填一个地址，例如 name@example.com。",
      },
    ],
    signs: [
      { rank: "phase", stages: ["mail", "rcpt"], codes: ["BAD_INPUT"] },
      { rank: "phase", stages: ["mail", "rcpt"], replies: [501, 555] },
      { rank: "phase", stages: ["mail", "rcpt"], enhanced: ["5.1.7", "5.5.2", "5.5.4"] },
    ],
  },
  "envelope.recipient-unknown": {
    scope: "recipient",
    retry: "permanent",
    title: { en: "The recipient does not exist", zh: "收件人不存在" },
    explanation: {
      en: "The receiving side knows no such mailbox, or it is closed.",
      zh: "对方没有这个邮箱，或者该邮箱已停用。",
    },
    steps: [
      { en: "Correct the address. This mail is not tried again.", zh: "更正收件地址。这封邮件不会再重试。" },
    ],
    signs: [
      {
        rank: "phase",
        stages: ["rcpt"],
        class: 5,
        text: /user unknown|unknown (?:user|recipient|mailbox|address)|no such (?:user|recipient|mailbox|address|account)|do(?:es)?(?: not|n't|sn't) exist|dosn't exist|(?:user|recipient|mailbox|address|account) (?:is )?not found|invalid (?:recipient|mailbox)|no mailbox|is disabled|is inactive/i,
      },
      {
        rank: "enhanced",
        stages: ["rcpt", "data", "content"],
        enhanced: ["5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.2.1"],
      },
    ],
  },
  "envelope.bad-sequence": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "{host} lost track of the dialogue", zh: "{host} 认为命令的顺序不对" },
    explanation: {
      en: "The server expected another command. An earlier refusal in the same dialogue is the real fault.",
      zh: "服务器期待的是另一条命令。真正的原因是同一会话中更早的一次拒绝。",
    },
    steps: [{ en: "Look in the transcript for the first refusal.", zh: "在会话记录中查找第一处拒绝。" }],
    signs: [
      { rank: "phase", stages: [...transaction, "reset", "noop"], replies: [503] },
      {
        rank: "override",
        stages: [...transaction, "reset", "noop"],
        replies: [500, 502],
        text: /command (?:is )?(?:not (?:recogni[sz]ed|implemented|supported)|unrecogni[sz]ed|unknown)|(?:unrecogni[sz]ed|unknown|invalid) command/i,
      },
    ],
  },
  "envelope.sender-deferred": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "{host} takes no mail from this sender for now", zh: "{host} 暂时不接受该发件人的邮件" },
    explanation: {
      en: "It refused the sender {sender} for the time being.",
      zh: "服务器暂时拒绝了发件人 {sender}。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again by itself.",
        zh: "请等待几分钟；等待中的邮件会自动重试。",
      },
    ],
    signs: [
      { rank: "class", stages: ["mail"], replies: [430, 440, 441, 450, 451, 452, 454, 455] },
      { rank: "class", stages: ["mail"], status: 4 },
    ],
  },
  "envelope.sender-refused": {
    scope: "sender",
    retry: "permanent",
    title: { en: "{host} refuses the sender {sender}", zh: "{host} 拒绝了发件人 {sender}" },
    explanation: {
      en: "The refusal came at MAIL FROM. The rule of {provider}: {senderRule}.",
      zh: "服务器在 MAIL FROM 阶段拒绝。{provider}的规则：{senderRule}。",
    },
    steps: [fixSender],
    signs: [
      {
        rank: "class",
        stages: ["mail"],
        replies: [500, 502, 504, 510, 521, 541, 550, 551, 553, 554, 556, 571],
      },
      { rank: "class", stages: ["mail"], status: 5 },
    ],
  },
  "envelope.recipient-deferred": {
    scope: "recipient",
    retry: "transient",
    title: { en: "The recipient cannot take mail for now", zh: "收件人暂时无法收信" },
    explanation: {
      en: "The server refused this recipient for the time being.",
      zh: "服务器暂时拒绝了这位收件人。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again by itself.",
        zh: "请等待几分钟；等待中的邮件会自动重试。",
      },
    ],
    signs: [
      { rank: "class", stages: ["rcpt"], replies: [422, 431, 441, 442, 450, 451, 452, 454] },
      { rank: "class", stages: ["rcpt"], status: 4 },
    ],
  },
  "envelope.recipient-refused": {
    scope: "recipient",
    retry: "permanent",
    title: { en: "{host} refuses this recipient", zh: "{host} 拒绝了这位收件人" },
    explanation: {
      en: "The refusal is final by its code and gives no reason that we know.",
      zh: "从代码看这是永久拒绝，但没有给出可识别的原因。",
    },
    steps: [
      { en: "Check the address of the recipient.", zh: "检查收件地址。" },
      {
        en: "Read the server's words, and ask the recipient's side if the address is right.",
        zh: "阅读服务器的回复；如果地址无误，请联系收件方。",
      },
    ],
    signs: [
      {
        rank: "class",
        stages: ["rcpt"],
        replies: [500, 502, 504, 510, 511, 521, 541, 550, 551, 552, 553, 554, 556, 571],
      },
      { rank: "class", stages: ["rcpt"], status: 5 },
    ],
  },
});
