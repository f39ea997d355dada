// Settings that contradict the server or themselves.
import { chapter } from "../entry.ts";

/** Ports on which TLS starts with the first byte: 465 (RFC 8314 §7.3), 2465 (Amazon SES), 994 (NetEase). */
const implicitTlsPorts = [465, 994, 2465];

export const config = chapter("config", {
  "config.plain-on-implicit-tls-port": {
    scope: "account",
    retry: "config",
    title: {
      en: "Port {port} expects SSL/TLS from the first byte, but the setting is {security}",
      zh: "端口 {port} 要求一开始就使用 SSL/TLS，但当前设置是{security}",
    },
    explanation: {
      en: "The connection to {host} opened, and then both sides waited: the server for a TLS handshake, we for its greeting. Telnet shows the same silence on such a port; that does not mean the network is broken.",
      zh: "已连上 {host}，但双方都在等待：服务器在等 TLS 握手，我们在等它的问候语。用 telnet 连接这类端口同样看不到任何内容，这并不代表网络不通。",
    },
    symptom: {
      en: 'The connection opens and nothing arrives; libraries say "Greeting never received", telnet "Connected" and no more.',
      zh: "连接建立后没有任何内容；程序库报 Greeting never received，telnet 只显示 Connected。",
    },
    steps: [
      {
        en: "Set the security of port {port} to SSL/TLS (implicit).",
        zh: "把端口 {port} 的加密方式改为 SSL/TLS（隐式）。",
      },
      { en: "Or keep STARTTLS and use port 587.", zh: "或者保留 STARTTLS，改用 587 端口。" },
    ],
    signs: [
      {
        rank: "override",
        stages: ["greeting"],
        kinds: ["timeout", "socket"],
        security: ["starttls", "none"],
        ports: implicitTlsPorts,
      },
      {
        rank: "override",
        stages: ["greeting"],
        security: ["starttls", "none"],
        received: /^\\x1[56]\\x03/,
      },
    ],
  },
  "config.tls-on-starttls-port": {
    scope: "account",
    retry: "config",
    title: {
      en: "SSL/TLS was started on port {port}, where the server speaks plain text first",
      zh: "在端口 {port} 上直接启用了 SSL/TLS，而服务器在该端口先使用明文通信",
    },
    explanation: {
      en: 'OpenSSL calls this "wrong version number": the "version" it read is the text of a plain greeting. Port {port} at {host} wants STARTTLS, or it is not a mail port at all.',
      zh: "OpenSSL 把它报告为“wrong version number”：它读到的“版本号”其实是明文问候语的字符。{host} 的端口 {port} 需要用 STARTTLS，或者根本不是邮件端口。",
    },
    steps: [
      {
        en: "Set the security of port {port} to STARTTLS.",
        zh: "把端口 {port} 的加密方式改为 STARTTLS。",
      },
      {
        en: "Or keep SSL/TLS (implicit) and change the port to 465. Settings that fit: {endpoints}.",
        zh: "或者保留 SSL/TLS（隐式），把端口改为 465。可用的设置：{endpoints}。",
      },
    ],
    signs: [
      {
        rank: "phase",
        stages: ["tls"],
        codes: [
          "ERR_SSL_WRONG_VERSION_NUMBER",
          "ERR_SSL_PACKET_LENGTH_TOO_LONG",
          "ERR_SSL_RECORD_LAYER_FAILURE",
        ],
      },
      { rank: "phase", stages: ["tls"], codes: ["EPROTO"], text: /wrong version number/i },
    ],
  },
  "config.imap-or-pop-host": {
    scope: "account",
    retry: "config",
    title: {
      en: "{host}:{port} is a server for reading mail, not for sending it",
      zh: "{host}:{port} 是收信服务器，不是发信服务器",
    },
    explanation: {
      en: "The server greeted with the words of IMAP or POP3. Ports 993, 995, 143 and 110 are for reading mail; mail is sent over SMTP on 465 or 587.",
      zh: "服务器返回的是 IMAP 或 POP3 的问候语。993、995、143、110 端口用于收信，发信要用 SMTP 的 465 或 587 端口。",
    },
    steps: [
      {
        en: "Enter the SMTP host and port instead: {endpoints}.",
        zh: "改填 SMTP 的主机和端口：{endpoints}。",
      },
    ],
    signs: [{ rank: "override", received: /^(?:\* (?:OK|PREAUTH|BYE)|\+OK|-ERR)/ }],
  },
  "config.host-typo": {
    scope: "account",
    retry: "config",
    title: {
      en: "There is no host {host}; the name looks misspelled",
      zh: "没有 {host} 这个主机，名称可能拼写有误",
    },
    explanation: {
      en: "The name does not exist. It is misspelled, or carries something that does not belong to it: a space, a comma, smtp://, an @ or the port.",
      zh: "这个主机名不存在：可能拼写有误，也可能带了多余的内容，例如空格、逗号、smtp://、@ 或端口号。",
    },
    steps: [
      {
        en: "Compare it letter by letter with the name that was probably meant: {nearestHost}.",
        zh: "与可能想填的主机名逐字核对：{nearestHost}。",
      },
      {
        en: "Enter the bare host name; the port has a field of its own.",
        zh: "只填写主机名本身，端口请填在单独的一栏。",
      },
    ],
    signs: [
      { rank: "override", stages: ["settings"], codes: ["BAD_INPUT"], host: /[^a-z0-9.:_-]|^$/i },
      { rank: "override", stages: ["resolve"], kinds: ["resolve"], host: /[^a-z0-9._-]/i },
    ],
  },
  "config.host-exists-but-wrong-role": {
    scope: "account",
    retry: "config",
    title: {
      en: "{host} receives mail for a domain; it is not the host for sending",
      zh: "{host} 是域名的收信（MX）主机，不是发信主机",
    },
    explanation: {
      en: "The name is real, so it resolves, but there is no submission service behind it on port {port}. It looks just like a blocked port.",
      zh: "这个名字确实存在，能够解析，但端口 {port} 上没有发信服务，看起来就像端口被封。",
    },
    symptom: {
      en: "The name resolves, ports 465 and 587 never answer, and often port 25 does.",
      zh: "域名能解析，465 和 587 端口始终没有应答，而 25 端口往往有应答。",
    },
    steps: [
      {
        en: "Use the host that the provider names for sending: {endpoints}.",
        zh: "改用服务商给出的发信主机：{endpoints}。",
      },
    ],
  },
  "config.port-not-a-number": {
    scope: "account",
    retry: "config",
    title: { en: "The port is not a number from 1 to 65535", zh: "端口不是 1 到 65535 之间的数字" },
    explanation: {
      en: "No connection was tried, because the port setting is empty, not a number, or out of range.",
      zh: "端口设置为空、不是数字或超出范围，因此没有尝试连接。",
    },
    steps: [
      {
        en: "Set the port to the one your provider names. Settings that fit: {endpoints}.",
        zh: "把端口改为服务商给出的数值。可用的设置：{endpoints}。",
      },
    ],
    signs: [
      { rank: "override", codes: ["ERR_SOCKET_BAD_PORT"] },
      { rank: "override", stages: ["settings", "connect"], codes: ["BAD_INPUT"], text: /^the port\b/i },
    ],
  },
  "config.bad-option": {
    scope: "account",
    retry: "config",
    title: { en: "A setting of the account is not usable", zh: "账号的某项设置不可用" },
    explanation: {
      en: "The connection was not tried: {detail}",
      zh: "没有尝试连接：{detail}",
    },
    steps: [
      {
        en: "Correct that setting of the account and test it again.",
        zh: "改正账号的这项设置，然后重新测试。",
      },
    ],
    signs: [
      {
        rank: "phase",
        stages: ["settings", "resolve", "connect", "proxy", "ehlo", "auth"],
        codes: ["BAD_INPUT"],
      },
    ],
  },
  "config.username-not-full-address": {
    scope: "account",
    retry: "config",
    title: {
      en: "The user name does not have the form that {provider} wants",
      zh: "用户名的形式不符合{provider}的要求",
    },
    explanation: {
      en: "{provider} refused the sign-in of {username}, and that name cannot be right, whatever the password. What it wants as user name: {usernameRule}.",
      zh: "{provider}拒绝了 {username} 的登录。这个用户名的形式就不对，与密码无关。正确的用户名是：{usernameRule}。",
    },
    symptom: {
      en: "Every sign-in ends in 535, often with words about the password although that is right.",
      zh: "每次登录都得到 535，提示往往是密码错误，而密码其实没错。",
    },
    steps: [
      {
        en: "Set the user name of the account to: {usernameRule}.",
        zh: "把账号的用户名改为：{usernameRule}。",
      },
      { en: "Then test the account again.", zh: "然后重新测试该账号。" },
    ],
  },
  "config.app-password-spaces": {
    scope: "account",
    retry: "config",
    title: {
      en: "The pasted secret contains spaces",
      zh: "粘贴的密码里带有空格",
    },
    explanation: {
      en: "{provider} shows this secret in groups, and the spaces between them came along when it was copied. Without them it has the right form.",
      zh: "{provider}显示这串密码时会分组，复制时把中间的空格也带上了。去掉空格后，形式是正确的。",
    },
    symptom: {
      en: "A 535 right after a new app password was pasted in, often.",
      zh: "刚粘贴新的应用专用密码，登录就可能得到 535。",
    },
    steps: [
      {
        en: "Enter the secret again without any spaces or line breaks.",
        zh: "重新输入，去掉所有空格和换行。",
      },
    ],
  },
  "config.wrong-region-endpoint": {
    scope: "account",
    retry: "config",
    title: {
      en: "The account lives in another region of {provider} than {host}",
      zh: "该账号不在 {host} 所属的{provider}区域",
    },
    explanation: {
      en: "Sign-in data and verified senders are kept per region. The same user and secret work at the host of their own region and are refused everywhere else.",
      zh: "登录信息和已验证的发件人按区域分别保存。同一组用户名和密码只在所属区域的主机上有效，在其他区域都会被拒绝。",
    },
    symptom: {
      en: "A 535 for credentials that work elsewhere, or a 554 that says the address is not verified in a region.",
      zh: "在别处可用的账号密码得到 535，或 554 提示地址在某个区域未验证。",
    },
    steps: [
      {
        en: "Find out in the console of {provider} in which region the account was created.",
        zh: "在{provider}的控制台里查看账号是在哪个区域创建的。",
      },
      { en: "Use the SMTP host of that region.", zh: "改用该区域的 SMTP 主机。" },
    ],
  },
  "config.no-account": {
    scope: "account",
    retry: "config",
    title: { en: "No account is set up to send this", zh: "没有可用来发送这封邮件的账号" },
    explanation: {
      en: "The message names an account or route that does not exist, or none is the default. It is kept, and nothing is lost.",
      zh: "邮件指定的账号或线路不存在，或者没有设置默认账号。邮件已保留，不会丢失。",
    },
    symptom: {
      en: "The message is refused at once; no connection is opened.",
      zh: "邮件立即被拒，没有建立任何连接。",
    },
    steps: [
      {
        en: "Add one: postrider account add NAME --provider ID --username USER --default",
        zh: "添加一个账号：postrider account add NAME --provider ID --username USER --default",
      },
      {
        en: "Then let the message go: postrider messages retry ID",
        zh: "然后重新发送：postrider messages retry ID",
      },
    ],
  },
  "config.secret-unreadable": {
    scope: "account",
    retry: "config",
    title: {
      en: "The stored secret of the account cannot be opened",
      zh: "无法解开账号中保存的密码",
    },
    explanation: {
      en: "A secret is sealed for exactly one host, port, security and user name, under the key of this installation. One of those has changed since it was entered, or the key is another.",
      zh: "密码只对当时的主机、端口、加密方式和用户名有效，并用本机的密钥加密。其中某一项在保存之后改过，或者密钥换了。",
    },
    symptom: {
      en: "The account stops before sign-in, often after the key or the machine was changed.",
      zh: "账号在登录之前就停下，往往发生在更换密钥或机器之后。",
    },
    steps: [
      {
        en: "If the key file or POSTRIDER_SECRET_KEY was replaced, put the former key back.",
        zh: "如果更换过密钥文件或 POSTRIDER_SECRET_KEY，请恢复原来的密钥。",
      },
      {
        en: "Otherwise enter the secret of the account again.",
        zh: "否则请重新输入该账号的密码。",
      },
    ],
  },
  "config.secure-derived-from-string-port": {
    scope: "account",
    retry: "config",
    title: {
      en: "The application takes port 465 for a word, and so uses no SSL/TLS on it",
      zh: "应用把端口 465 当作文字，因此没有使用 SSL/TLS",
    },
    explanation: {
      en: 'A port from the environment is text. In code like `secure: port === 465` it never equals the number, and `secure: "false"` counts as true. The program then waits for a greeting that cannot come.',
      zh: '从环境变量读到的端口是文字。`secure: port === 465` 这样的代码永远不成立，而 `secure: "false"` 会被当作真。程序于是一直等待不会到来的问候语。',
    },
    symptom: {
      en: '"Greeting never received" on port 465, although the code sets SSL/TLS for 465.',
      zh: "465 端口上出现 Greeting never received，尽管代码写明 465 使用 SSL/TLS。",
    },
    steps: [
      {
        en: "Turn the port into a number and the switch into a boolean where the application reads its settings.",
        zh: "在应用读取设置处，把端口转换为数字，把开关转换为布尔值。",
      },
    ],
  },
  "config.falls-back-to-localhost": {
    scope: "account",
    retry: "config",
    title: {
      en: "The mail goes to this very machine, because no host was given",
      zh: "没有填写主机，邮件被发往本机",
    },
    explanation: {
      en: "Programs whose host is empty, or whose settings file was not loaded, try 127.0.0.1. Nothing listens there.",
      zh: "主机为空或配置文件没有加载时，程序会改连 127.0.0.1，而那里没有邮件服务。",
    },
    symptom: {
      en: "ECONNREFUSED at 127.0.0.1 or ::1, though a provider was meant.",
      zh: "本应连接服务商，却在 127.0.0.1 或 ::1 得到 ECONNREFUSED。",
    },
    steps: [
      { en: "Enter the host. Settings that fit: {endpoints}.", zh: "填写主机。可用的设置：{endpoints}。" },
      {
        en: "See that the process reads the file or the environment in which you entered it; a container has to be made anew after a change.",
        zh: "确认进程读取了你填写的文件或环境变量；容器在修改后需要重新创建。",
      },
    ],
  },
  "config.env-value-mangled": {
    scope: "account",
    retry: "config",
    title: {
      en: "A value was changed between the settings file and the program",
      zh: "配置值在传给程序的途中被改动了",
    },
    explanation: {
      en: "What arrived here looks like it: {found}. Shells, .env files and Docker Compose each treat $, #, quotes, backslashes and spaces in their own way, and a password comes out shorter, empty, or as the program's word for nothing.",
      zh: "收到的值有此迹象：{found}。Shell、.env 文件和 Docker Compose 对 $、#、引号、反斜杠和空格各有处理方式，密码可能被截短、变空，甚至变成程序表示空值的单词。",
    },
    symptom: {
      en: 'Sign-in fails although the value in the file is right; the program holds "undefined", nothing, or a shortened secret.',
      zh: "文件里的值正确，登录却失败；程序拿到的是 undefined、空值或被截短的密钥。",
    },
    steps: [
      {
        en: "Put the value into single quotes in a .env file, write $$ for $ in a compose file, and paste it without spaces around it.",
        zh: "在 .env 文件中用单引号括起该值；在 compose 文件中把 $ 写成 $$；粘贴时前后不要带空格。",
      },
      {
        en: "Make the container anew: a restart keeps the old values.",
        zh: "重新创建容器：仅重启会保留旧值。",
      },
    ],
  },
  "config.inbound-rule-for-outbound-problem": {
    scope: "account",
    retry: "config",
    title: {
      en: "Port {port} was opened for incoming connections, and sending goes out",
      zh: "端口 {port} 只放行了入站连接，而发信是出站连接",
    },
    explanation: {
      en: "The rule {rule} ({place}) lets others in. To send mail this machine connects to the provider: it needs no such rule, and the rule changes nothing about it.",
      zh: "规则 {rule}（{place}）放行的是外部连入。发信时是本机连接服务商，不需要这条规则，它也不起作用。",
    },
    symptom: {
      en: "Port 465 or 587 was opened in the firewall, and the timeout stays.",
      zh: "已在防火墙放行 465 或 587，超时依旧。",
    },
    steps: [
      {
        en: "Look for what restricts outgoing connections instead: the output rules here, the security group's outbound rules, the cloud's own block.",
        zh: "请检查限制出站连接的地方：本机的 output 规则、安全组的出站规则、云厂商的封禁。",
      },
      { en: "The incoming rule can go: {command}.", zh: "入站规则可以删除：{command}。" },
    ],
  },
});
