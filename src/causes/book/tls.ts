// The handshake. The remedies never lower the security of anything but the one server at fault.
import { chapter } from "../entry.ts";

const askOwner = {
  en: "Ask the owner of {host} to update the server's TLS.",
  zh: "请 {host} 的管理员升级服务器的 TLS 配置。",
};

export const tls = chapter("tls", {
  "tls.provider-rejects-old-tls": {
    scope: "account",
    retry: "config",
    title: { en: "{provider} wants TLS 1.2 or newer", zh: "{provider}要求 TLS 1.2 或更高版本" },
    explanation: {
      en: "The connection was made with an older TLS version, which this server no longer takes. Something forces this machine down to it.",
      zh: "本次连接使用了较旧的 TLS 版本，服务器已不再接受。本机有某项设置把版本降低了。",
    },
    steps: [
      {
        en: "Remove settings that force old TLS (NODE_OPTIONS with --tls-max, OPENSSL_CONF), and update the runtime.",
        zh: "去掉强制使用旧版 TLS 的设置（如 NODE_OPTIONS 中的 --tls-max、OPENSSL_CONF），并升级运行环境。",
      },
    ],
    links: ["https://aka.ms/smtp_auth_tls"],
    signs: [
      { rank: "override", enhanced: ["4.7.66"] },
      { rank: "override", kinds: ["reply"], text: /\btls ?v?1\.[01]\b.{0,60}not supported/i },
    ],
  },
  "tls.unsupported-protocol": {
    scope: "endpoint",
    retry: "config",
    title: { en: "{host} only speaks an outdated TLS version", zh: "{host} 只支持过时的 TLS 版本" },
    explanation: {
      en: "The server chose TLS 1.1 or older. Those versions are broken, and we do not sign in over them.",
      zh: "服务器选择了 TLS 1.1 或更旧的版本。这些版本已不安全，我们不会用它们登录。",
    },
    steps: [
      askOwner,
      { en: "Try another endpoint: {otherEndpoints}.", zh: "换用其他服务器或端口：{otherEndpoints}。" },
    ],
    signs: [{ rank: "phase", codes: ["ERR_SSL_UNSUPPORTED_PROTOCOL"] }],
  },
  "tls.alert-protocol-version": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "This machine and {host} share no TLS version",
      zh: "本机与 {host} 没有共同支持的 TLS 版本",
    },
    explanation: {
      en: "The server refused every TLS version that was offered. Either this machine's runtime is limited to old ones, or the server is.",
      zh: "服务器拒绝了我们提供的所有 TLS 版本：要么本机的运行环境只支持旧版本，要么服务器如此。",
    },
    steps: [
      {
        en: "Remove settings here that limit the TLS version (NODE_OPTIONS, OPENSSL_CONF).",
        zh: "去掉本机限制 TLS 版本的设置（NODE_OPTIONS、OPENSSL_CONF）。",
      },
      askOwner,
    ],
    signs: [{ rank: "phase", codes: ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"] }],
  },
  "tls.no-protocols-available": {
    scope: "account",
    retry: "config",
    title: { en: "The TLS settings of this machine contradict each other", zh: "本机的 TLS 设置自相矛盾" },
    explanation: {
      en: "No TLS version is left that they allow; nothing was sent. A variable such as NODE_OPTIONS or OPENSSL_CONF sets the highest version below the lowest.",
      zh: "按照现有设置，没有任何 TLS 版本可用，因此没有发出任何数据。通常是 NODE_OPTIONS 或 OPENSSL_CONF 把最高版本设得低于最低版本。",
    },
    steps: [{ en: "Remove those settings and start again.", zh: "去掉这些设置后重新启动。" }],
    signs: [{ rank: "phase", codes: ["ERR_SSL_NO_PROTOCOLS_AVAILABLE"] }],
  },
  "tls.unknown-cipher-returned": {
    scope: "endpoint",
    retry: "config",
    title: { en: "{host} chose a cipher nobody offered", zh: "{host} 选择了我们没有提供的加密算法" },
    explanation: {
      en: "A very old server (RC4 only) or a faulty device on the way does that.",
      zh: "通常是非常旧的服务器（只支持 RC4），或途中有故障的设备。",
    },
    steps: [
      askOwner,
      {
        en: "Test from another network to rule out a device on the way.",
        zh: "换一个网络测试，以排除途中设备的影响。",
      },
    ],
    signs: [{ rank: "phase", codes: ["ERR_SSL_UNKNOWN_CIPHER_RETURNED", "ERR_SSL_WRONG_CIPHER_RETURNED"] }],
  },
  "tls.dh-key-too-small": {
    scope: "endpoint",
    retry: "config",
    title: { en: "The key exchange of {host} is too weak", zh: "{host} 的密钥交换强度不足" },
    explanation: {
      en: "It uses a Diffie-Hellman key below 2048 bits, which OpenSSL refuses since its version 3.2. This often appears after an update of this machine, though the fault is the server's.",
      zh: "它使用不足 2048 位的 Diffie-Hellman 密钥，OpenSSL 自 3.2 版起拒绝。这往往在本机升级后才出现，但问题出在服务器。",
    },
    steps: [
      {
        en: "Ask the owner of {host} for 2048-bit parameters or ECDHE.",
        zh: "请 {host} 的管理员改用 2048 位参数或 ECDHE。",
      },
    ],
    signs: [{ rank: "phase", codes: ["ERR_SSL_DH_KEY_TOO_SMALL"] }],
  },
  "tls.unsafe-legacy-renegotiation": {
    scope: "endpoint",
    retry: "config",
    title: { en: "{host} lacks a TLS fix of 2010", zh: "{host} 缺少 2010 年的 TLS 安全修复" },
    explanation: {
      en: "It does not know secure renegotiation (RFC 5746), and OpenSSL 3 refuses such servers. An inspecting proxy in between can cause it too.",
      zh: "它不支持安全重协商（RFC 5746），OpenSSL 3 会拒绝这类服务器。途中的流量检测代理也可能导致同样的问题。",
    },
    steps: [
      askOwner,
      {
        en: "If a company proxy inspects TLS, have it updated.",
        zh: "如果公司代理在检查 TLS，请升级该代理。",
      },
    ],
    signs: [
      { rank: "phase", codes: ["ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED"] },
      { rank: "phase", codes: ["EPROTO"], text: /unsafe legacy renegotiation/i },
    ],
  },
  "tls.legacy-sigalg": {
    scope: "endpoint",
    retry: "config",
    title: { en: "{host} signs with an outdated algorithm", zh: "{host} 使用过时的签名算法" },
    explanation: {
      en: "Its handshake is signed with MD5 or SHA-1, which OpenSSL refuses.",
      zh: "它的握手使用 MD5 或 SHA-1 签名，OpenSSL 会拒绝。",
    },
    steps: [askOwner],
    signs: [{ rank: "phase", codes: ["ERR_SSL_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED"] }],
  },
  "tls.unrecognized-name": {
    scope: "endpoint",
    retry: "config",
    title: { en: "The server does not know the name {host}", zh: "服务器上没有 {host} 这个主机名" },
    explanation: {
      en: "It serves several names and this is none of them: {host} is an alias that points at it.",
      zh: "它为多个域名提供服务，但其中没有这个：{host} 只是指向它的别名。",
    },
    steps: [{ en: "Use the server's own name: {endpoints}.", zh: "改用服务器本身的主机名：{endpoints}。" }],
    signs: [
      { rank: "phase", codes: ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME"] },
    ],
  },
  "tls.client-certificate-required": {
    scope: "account",
    retry: "config",
    title: { en: "{host} wants a client certificate", zh: "{host} 要求客户端证书" },
    explanation: {
      en: "The server lets in only clients that show a certificate of their own, and none was shown.",
      zh: "服务器只接受出示客户端证书的连接，而我们没有出示。",
    },
    steps: [
      {
        en: "Ask the owner of the server for an endpoint with sign-in by user name and password.",
        zh: "请向服务器管理员询问可用用户名和密码登录的服务器和端口。",
      },
    ],
    signs: [{ rank: "phase", codes: ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"] }],
  },
  "tls.invalid-cipher-option": {
    scope: "account",
    retry: "config",
    title: { en: "The TLS options of this machine are not valid", zh: "本机的 TLS 选项无效" },
    explanation: {
      en: "A list of ciphers or a protocol name in the environment of this process means nothing to OpenSSL; nothing was sent.",
      zh: "运行环境中的加密算法列表或协议名无法被 OpenSSL 识别，因此没有发出任何数据。",
    },
    steps: [
      {
        en: "Remove the option (NODE_OPTIONS with --tls-cipher-list, OPENSSL_CONF).",
        zh: "去掉该选项（NODE_OPTIONS 中的 --tls-cipher-list、OPENSSL_CONF）。",
      },
    ],
    signs: [{ rank: "phase", codes: ["ERR_SSL_NO_CIPHER_MATCH", "ERR_TLS_INVALID_PROTOCOL_METHOD"] }],
  },
  "tls.server-alert-internal-error": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "{host} failed in the TLS handshake", zh: "{host} 在 TLS 握手时发生内部错误" },
    explanation: {
      en: "The server reported an internal error of its own.",
      zh: "服务器报告自身发生了内部错误。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again by itself.",
        zh: "请等待几分钟；等待中的邮件会自动重试。",
      },
      { en: "If it stays, report it to {provider}.", zh: "如果持续出现，请反馈给{provider}。" },
    ],
    signs: [{ rank: "phase", codes: ["ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"] }],
  },
  "tls.handshake-failure": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "This machine and {host} found no common encryption",
      zh: "本机与 {host} 没有共同的加密方式",
    },
    explanation: {
      en: "The server broke the handshake off: no cipher, curve or signature that both sides take, or it wants a client certificate, or it does not know the name {host}.",
      zh: "服务器中止了握手：双方没有共同的加密算法、曲线或签名方式，或者它要求客户端证书，或者它上面没有 {host} 这个主机名。",
    },
    steps: [
      {
        en: "Remove settings here that limit ciphers (NODE_OPTIONS, OPENSSL_CONF).",
        zh: "去掉本机限制加密算法的设置（NODE_OPTIONS、OPENSSL_CONF）。",
      },
      { en: "Check the host name: {endpoints}.", zh: "检查主机名：{endpoints}。" },
      askOwner,
    ],
    signs: [
      {
        rank: "phase",
        codes: [
          "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
          "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
          "ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY",
          "ERR_SSL_NO_SHARED_CIPHER",
        ],
      },
    ],
  },
  "tls.injected-before-handshake": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "Someone slipped plain text in before the encryption of {host}",
      zh: "有人在 {host} 加密开始前插入了明文数据",
    },
    explanation: {
      en: "Data came after the server's yes to STARTTLS and before the handshake. That is how an attacker on the way plants replies (RFC 3207 §4.2); we threw it away and stopped. A faulty server can do it by accident.",
      zh: "服务器同意 STARTTLS 之后、握手之前，收到了多余的明文数据。途中的攻击者就是这样植入伪造回复的（RFC 3207 §4.2），我们已丢弃并停止。有缺陷的服务器也可能无意中造成。",
    },
    steps: [
      {
        en: "Use port 465 with SSL/TLS, where this cannot happen: {otherEndpoints}.",
        zh: "改用不存在此问题的 465 端口和 SSL/TLS：{otherEndpoints}。",
      },
      {
        en: "If it stays, report it to the owner of the server.",
        zh: "如果仍然出现，请反馈给服务器管理员。",
      },
    ],
    signs: [{ rank: "override", codes: ["DATA_BEFORE_TLS"] }],
  },
  "tls.handshake-timeout": {
    scope: "endpoint",
    retry: "connection",
    title: { en: "{host} did not answer the TLS handshake", zh: "{host} 没有回应 TLS 握手" },
    explanation: {
      en: "The connection stands, but the handshake got no reply. Large packets may be lost on the way (a VPN or container network with a smaller packet size), a device drops TLS on mail ports, or the port does not speak TLS.",
      zh: "连接已建立，但握手没有回应：可能是大数据包在途中丢失（VPN 或容器网络的 MTU 较小）、有设备丢弃邮件端口上的 TLS，或者该端口不支持 TLS。",
    },
    steps: [
      {
        en: "Check that the security fits the port. Settings that fit: {endpoints}.",
        zh: "检查加密方式与端口是否匹配。可用的设置：{endpoints}。",
      },
      {
        en: "In a container or VPN, set the MTU of the network to that of the uplink (for example 1450).",
        zh: "在容器或 VPN 中，把网络的 MTU 调整为与上级链路一致（例如 1450）。",
      },
    ],
    signs: [{ rank: "phase", stages: ["tls"], codes: ["TIMEOUT"] }],
  },
  "tls.closed-during-handshake": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "{host} closed the connection during the TLS handshake",
      zh: "{host} 在 TLS 握手过程中断开了连接",
    },
    explanation: {
      en: "The server, or a device before it, closed the connection on our first TLS message: this machine's address is not allowed, the name is filtered, or the TLS front end is overloaded.",
      zh: "服务器或前端设备在收到 TLS 握手后断开：可能是本机 IP 不被允许、域名被过滤，或者 TLS 前端过载。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again by itself.",
        zh: "请等待几分钟；等待中的邮件会自动重试。",
      },
      { en: "Try another endpoint: {otherEndpoints}.", zh: "换用其他服务器或端口：{otherEndpoints}。" },
      {
        en: "Test from another network; if it works there, mail is filtered here.",
        zh: "换一个网络测试；如果正常，说明当前网络在过滤邮件流量。",
      },
    ],
    signs: [{ rank: "phase", stages: ["tls"], codes: ["ECONNRESET", "CLOSED", "EPIPE", "ECONNABORTED"] }],
  },
  "tls.failed": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "No encrypted connection to {host}:{port} came about",
      zh: "无法与 {host}:{port} 建立加密连接",
    },
    explanation: { en: "The TLS library reported: {detail}", zh: "TLS 库报告：{detail}" },
    symptom: {
      en: "The handshake fails with an error code that no other entry names.",
      zh: "握手失败，且错误代码不属于其他任何条目。",
    },
    steps: [
      {
        en: "Check that the security fits the port. Settings that fit: {endpoints}.",
        zh: "检查加密方式与端口是否匹配。可用的设置：{endpoints}。",
      },
      askOwner,
    ],
    signs: [{ rank: "class", kinds: ["tls"] }],
  },
  "tls.no-shared-cipher": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "{host} and this machine have no cipher in common",
      zh: "{host} 与本机没有共同的加密套件",
    },
    explanation: {
      en: "The handshake fails as usual and stands with weaker or other ciphers: {found}. Either a cipher list was set here, or the server takes only what is no longer offered.",
      zh: "按常规握手失败，换用较弱或其他套件后成功：{found}。要么这里设置了套件列表，要么服务器只接受如今不再提供的套件。",
    },
    symptom: {
      en: 'Alert 40 here; the server\'s own log says "no shared cipher".',
      zh: "本机看到 40 号警报，服务器日志写着 no shared cipher。",
    },
    steps: [
      {
        en: "Take away cipher lists in the application, in NODE_OPTIONS (--tls-cipher-list) and in openssl.cnf (CipherString).",
        zh: "删除应用、NODE_OPTIONS（--tls-cipher-list）和 openssl.cnf（CipherString）中的套件列表。",
      },
      {
        en: "If none is set, the server has to be given today's ciphers by its owner.",
        zh: "如果没有设置，请服务器管理员启用当前通行的套件。",
      },
    ],
  },
  "tls.large-clienthello-intolerance": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "Something on the way to {host} cannot take a large TLS greeting",
      zh: "前往 {host} 的途中有设备无法处理较大的 TLS 问候",
    },
    explanation: {
      en: "With OpenSSL 3.5 the first message of TLS fills more than one packet. It hangs or is cut off here, and a small one of the same kind goes through.",
      zh: "使用 OpenSSL 3.5 时，TLS 的第一条消息超过一个数据包。它在途中卡住或被切断，而同类的小消息可以通过。",
    },
    symptom: {
      en: "The handshake hangs or is reset with a new OpenSSL only; older programs connect from the same place.",
      zh: "只有新版 OpenSSL 握手卡住或被重置，同一地点的旧程序能连上。",
    },
    steps: [
      {
        en: "Have the firewall or balancer on the way brought up to date.",
        zh: "升级途中的防火墙或负载均衡设备。",
      },
      {
        en: 'Until then limit the groups: `Groups = X25519:P-256` in openssl.cnf, or ecdhCurve: "X25519:prime256v1" in a Node program.',
        zh: '在此之前限制密钥组：openssl.cnf 中写 `Groups = X25519:P-256`，Node 程序中设 ecdhCurve: "X25519:prime256v1"。',
      },
    ],
  },
  "tls.app-and-doctor-use-different-openssl": {
    scope: "ours",
    retry: "connection",
    title: {
      en: "The application speaks TLS with another library than this check",
      zh: "应用使用的 TLS 库与本次检查不同",
    },
    explanation: {
      en: "All is well from here ({found}). An application in PHP, Python, Java or an older Node image has its own OpenSSL, its own roots and its own limits, and can still fail.",
      zh: "从这里看一切正常（{found}）。PHP、Python、Java 或旧版 Node 镜像中的应用有各自的 OpenSSL、根证书和限制，仍可能失败。",
    },
    symptom: {
      en: "This check succeeds while the application fails in TLS.",
      zh: "本检查成功，而应用在 TLS 阶段失败。",
    },
    steps: [
      {
        en: "Run the check where the application runs, inside the same container, and compare versions.",
        zh: "在应用所在的同一容器中运行检查，并比较版本。",
      },
      { en: "Bring the application's base image up to date.", zh: "升级应用的基础镜像。" },
    ],
  },
});
