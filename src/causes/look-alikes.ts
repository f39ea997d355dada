// Causes that show in the same way, and what tells them apart: the probe, the code or the words.
import type { Text } from "../providers/provider.ts";
import type { CauseId } from "./book.ts";

export interface LookAlikes {
  readonly causes: readonly CauseId[];
  /** One or two sentences without placeholders. */
  readonly tells: Text;
}

/** In the order of layers. A cause may stand in several groups. */
export const lookAlikes: readonly LookAlikes[] = [
  {
    causes: ["dns.nxdomain", "config.host-typo", "dns.no-address-record", "dns.search-domain-ndots"],
    tells: {
      en: "All say ENOTFOUND. Error number -3007 means that the name exists without an address, -3008 that it does not exist; then the spelling decides, and whether the name with a dot at its end is found, which no search domain can change.",
      zh: "都报 ENOTFOUND。错误号 -3007 表示域名存在但没有地址，-3008 表示域名不存在；后者再看拼写是否有误，以及末尾加一个点（不受搜索域影响）后能否解析。",
    },
  },
  {
    causes: ["dns.servfail", "dns.timeout", "dns.resolver-unreachable"],
    tells: {
      en: "getaddrinfo says EAI_AGAIN for all of them. A direct query tells: SERVFAIL or REFUSED from a server that answers, ETIMEOUT from one that drops packets, ECONNREFUSED where nothing listens at its address.",
      zh: "getaddrinfo 一律报 EAI_AGAIN。直接查询 DNS 服务器即可区分：有应答时是 SERVFAIL 或 REFUSED，丢包时是 ETIMEOUT，该地址没有 DNS 服务时是 ECONNREFUSED。",
    },
  },
  {
    causes: ["dns.sinkholed", "dns.lookup-and-resolver-disagree", "config.falls-back-to-localhost"],
    tells: {
      en: "The connection goes to this machine or to a dummy address. If no host was set, the program fell back; if the name server itself gives that address, it filters; if only this machine's own lookup does, the hosts file or split DNS is the reason.",
      zh: "连接都指向本机或一个无效地址。没有设置主机名，是程序用了默认值；DNS 服务器本身返回该地址，是它在过滤；只有本机解析得到该地址，原因在 hosts 文件或内外网分离的 DNS。",
    },
  },
  {
    causes: ["tcp.refused-by-server", "tcp.refused-by-local-rule", "config.host-exists-but-wrong-role"],
    tells: {
      en: "A firewall's REJECT and a closed port give the same ECONNREFUSED. Connect to 192.0.2.1, where nothing lives, on the same port: refused there too means a rule on this side; no answer means that the server really refuses. A host that answers on port 25 only receives mail.",
      zh: "防火墙的 REJECT 和端口未开放都报 ECONNREFUSED。用同一端口连接不存在任何主机的 192.0.2.1：同样被拒绝，说明是本侧规则；没有应答，说明确实是服务器拒绝。只有 25 端口应答的主机是收信服务器。",
    },
  },
  {
    causes: [
      "tcp.timeout",
      "tcp.timeout-local-drop",
      "tcp.timeout-cloud-egress-block",
      "tcp.timeout-security-group",
      "tcp.timeout-provider-drops-your-ip",
      "tcp.mail-host-behind-web-proxy",
      "tcp.kubernetes-networkpolicy",
      "tcp.paas-plan-block",
      "tcp.isp-block",
      "config.host-exists-but-wrong-role",
    ],
    tells: {
      en: "A dropped packet leaves no trace, so compare ports and hosts. Certain ports silent at every provider: the cloud, the plan or the line blocks them. Every mail port silent, 2525 too, but 443 open: an allow list of outgoing rules. One provider alone silent: it may drop this address, or its host is the wrong one. A rule of this machine shows only in its firewall's list.",
      zh: "被丢弃的包不留痕迹，只能比较端口和主机。各家服务商都是某几个端口无应答：被云厂商、套餐或宽带线路封锁。所有邮件端口（含 2525）都无应答而 443 正常：出站规则是白名单。只有一家服务商无应答：可能是它丢弃了本机地址，也可能主机名不对。本机规则只能从防火墙规则列表中看到。",
    },
  },
  {
    causes: [
      "tcp.timeout-security-group",
      "tcp.container-egress",
      "tcp.corporate-proxy-only",
      "tcp.no-route",
      "proxy.unreachable",
    ],
    tells: {
      en: "Try port 443 of any site. If that is silent too, there is no way out at all: proxy variables often mean a network that wants its proxy, success on the host to the container's network, an immediate ENETUNREACH to a missing route. If 443 works, only mail is left out.",
      zh: "试连任意网站的 443 端口。同样无应答，说明完全没有出口：设置了代理变量，网络往往要求走代理；宿主机正常，问题在容器网络；立即报 ENETUNREACH，是没有路由。443 正常，则只是邮件端口没有放行。",
    },
  },
  {
    causes: ["tcp.admin-prohibited", "tcp.no-route", "dns.ipv6-only-answer-no-route", "tcp.broken-ipv6"],
    tells: {
      en: "All are about the way. EHOSTUNREACH at once comes from a rule that forbids, ENETUNREACH from a missing route; connect to each address by itself, and IPv6 shows whether it fails alone.",
      zh: "都是路途上的问题。立即报 EHOSTUNREACH 来自禁止规则，ENETUNREACH 来自缺少路由；逐个连接每个地址，可看出是否只有 IPv6 失败。",
    },
  },
  {
    causes: ["tcp.broken-ipv6", "tcp.happy-eyeballs-250ms", "tcp.aggregate-error-hides-text"],
    tells: {
      en: "Node reports several addresses as one error with an empty message. Connect to each address by itself with ten seconds' time: IPv6 alone fails, all succeed and were only too slow for the race, or each fails for its own reason.",
      zh: "Node 把多个地址的失败合成一个没有文字的错误。给足十秒逐个连接：只有 IPv6 失败；全部成功，只是赶不上地址竞速；或各有各的原因。",
    },
  },
  {
    causes: ["tcp.timeout-cloud-egress-block", "config.inbound-rule-for-outbound-problem"],
    tells: {
      en: "Look at the direction of the rule that was added: an incoming rule changes nothing for sending, so the port stays silent as before.",
      zh: "看新增规则的方向：入站规则对发信没有作用，端口仍和之前一样无应答。",
    },
  },
  {
    causes: ["tcp.transparent-smtp-proxy", "banner.not-the-expected-provider", "banner.cisco-fixup"],
    tells: {
      en: "Connect to 192.0.2.1, where nothing lives: if even there a mail server answers, something on the way takes every mail connection. If not, the name leads to another server. A greeting of asterisks is an inspecting firewall.",
      zh: "连接不存在任何主机的 192.0.2.1：若仍有邮件服务器应答，说明途中有设备接管了所有邮件连接；否则是域名指向了别的服务器。问候语变成星号，则是防火墙在检查 SMTP。",
    },
  },
  {
    causes: [
      "config.plain-on-implicit-tls-port",
      "banner.silent-server",
      "banner.slow-tarpit",
      "banner.http-server",
      "config.secure-derived-from-string-port",
      "environment.library-limits",
    ],
    tells: {
      en: "The port opens and says nothing. Open a second connection and send a TLS hello: an answer means SSL/TLS from the first byte. Without one, wait a minute for a slow greeting; a web server answers only once it is spoken to.",
      zh: "端口连上后没有内容。另开连接发送 TLS 握手：有应答说明该端口一开始就用 SSL/TLS。没有应答则等一分钟，看是否只是问候很慢；网站服务器要先收到内容才会应答。",
    },
  },
  {
    causes: [
      "config.tls-on-starttls-port",
      "config.imap-or-pop-host",
      "banner.other-protocol",
      "banner.http-server",
      "ehlo.plaintext-after-starttls",
    ],
    tells: {
      en: '"Wrong version number" means plain text where TLS was expected; the first bytes say which. 220 is SMTP that wants STARTTLS, "* OK" is IMAP, "+OK" POP3, "SSH-" SSH, "HTTP/" a web server.',
      zh: "“wrong version number” 表示本应是 TLS 的地方出现了明文，看最初的字节即可区分：220 是要求 STARTTLS 的 SMTP，“* OK” 是 IMAP，“+OK” 是 POP3，“SSH-” 是 SSH，“HTTP/” 是网站服务器。",
    },
  },
  {
    causes: [
      "banner.421-busy-or-limited",
      "banner.554-refused",
      "banner.closed-without-greeting",
      "tcp.reset",
    ],
    tells: {
      en: "The server ends the connection at its beginning. 421 means later or with fewer connections, 554 that it does not want this host at all; a close or reset without a word may be a ban or a device on the way, which a connection from another network shows.",
      zh: "连接刚建立就被结束。421 表示稍后再试或减少连接数，554 表示完全不接受本机；一言不发就关闭或重置，可能是被封禁或途中设备所为，换一个网络连接可以区分。",
    },
  },
  {
    causes: ["tcp.reset", "tls.large-clienthello-intolerance", "tls.closed-during-handshake"],
    tells: {
      en: "The connection breaks when TLS begins. Repeat with a small ClientHello (ecdhCurve X25519:prime256v1): if that works, size is the matter; if it breaks in the same way, or before TLS, the server or a device resets it.",
      zh: "连接在 TLS 开始时中断。改用较小的 ClientHello（ecdhCurve 设为 X25519:prime256v1）重试：成功说明问题在大小；同样中断，或在 TLS 之前就中断，是服务器或途中设备所为。",
    },
  },
  {
    causes: ["tls.large-clienthello-intolerance", "tcp.mtu-blackhole", "tls.handshake-timeout"],
    tells: {
      en: "The handshake hangs. If a small ClientHello passes, large ones do not: everywhere and also while data is sent points to the packet size (MTU), at TLS alone to an old device. If the small one hangs too, the service is dead or filtered.",
      zh: "握手卡住。小的 ClientHello 能通过，说明大的不行：发送数据时也卡住，多半是包长（MTU）问题；只在 TLS 卡住，多半是老旧设备。小的也卡住，则是服务没有响应或被过滤。",
    },
  },
  {
    causes: [
      "ehlo.starttls-missing",
      "ehlo.starttls-stripped-xxxxxxxa",
      "banner.cisco-fixup",
      "ehlo.not-implemented",
      "ehlo.silent-plaintext-downgrade",
    ],
    tells: {
      en: "No STARTTLS on the list. XXXXXXXA in its place, or asterisks in the greeting, come from a firewall that removes it; so does its absence at a provider that documents it. EHLO refused altogether is an old server or the same firewall.",
      zh: "列表里没有 STARTTLS。其位置是 XXXXXXXA，或问候语是星号，说明被防火墙去掉；服务商文档写明支持却看不到，也属于这种情况。整个 EHLO 被拒绝，则是旧服务器，或同样是防火墙。",
    },
  },
  {
    causes: [
      "tls.unsupported-protocol",
      "tls.alert-protocol-version",
      "tls.provider-rejects-old-tls",
      "tls.no-protocols-available",
      "environment.old-runtime",
      "environment.openssl-conf",
    ],
    tells: {
      en: "Try each TLS version by itself. If the server takes 1.2 or 1.3, this side is too old or held back by its settings; if it takes only 1.0 or 1.1, the server is too old. An error before anything is sent is always a local setting.",
      zh: "逐个尝试 TLS 版本。服务器接受 1.2 或 1.3，说明本机太旧或被设置限制；只接受 1.0 或 1.1，是服务器太旧。尚未发送任何内容就报错，一定是本机设置。",
    },
  },
  {
    causes: [
      "tls.handshake-failure",
      "tls.no-shared-cipher",
      "tls.unrecognized-name",
      "tls.client-certificate-required",
    ],
    tells: {
      en: "Alert 40 names no reason. If all ciphers at security level 0 work, it is the cipher; if not, try without or with another server name, and ask whether the server wants a client certificate.",
      zh: "40 号警报不说明原因。安全级别 0 加全部密码套件能成功，问题在套件；否则更换或去掉服务器名再试，并确认服务器是否要求客户端证书。",
    },
  },
  {
    causes: [
      "tls.dh-key-too-small",
      "tls.unsafe-legacy-renegotiation",
      "tls.legacy-sigalg",
      "cert.weak-key-or-digest",
      "environment.new-runtime-stricter",
      "tls.app-and-doctor-use-different-openssl",
    ],
    tells: {
      en: "The error's reason names the weakness. If an older runtime still connects, the server did not change: the new one is stricter. Run the check with the application's own runtime, for each brings its own OpenSSL.",
      zh: "错误的 reason 指明弱点所在。旧运行时仍能连接，说明服务器没变，是新运行时更严格。请用应用自己的运行时检查，因为各自带有不同的 OpenSSL。",
    },
  },
  {
    causes: ["cert.expired", "cert.not-yet-valid", "cert.clock-skew", "cert.expires-soon"],
    tells: {
      en: "Compare this machine's clock with the Date header of two web sites. If they agree, the certificate's dates are at fault; if not, the clock, and then every TLS site fails.",
      zh: "把本机时钟与两个网站的 Date 头比较。一致，问题在证书的有效期；不一致，问题在时钟，此时所有 TLS 网站都会失败。",
    },
  },
  {
    causes: [
      "cert.self-signed-in-chain",
      "cert.self-signed-leaf",
      "cert.antivirus-interception",
      "cert.corporate-inspection",
    ],
    tells: {
      en: "Read who issued the certificate. The name of a virus scanner or of a gateway means interception; issuer and subject alike is a server that signed for itself, which no public provider does; anything else is a private authority.",
      zh: "看证书的签发者。写着杀毒软件或网关的名字，是被拦截；签发者与主体相同，是服务器自签名，公共服务商不会这样做；其他情况是私有证书机构。",
    },
  },
  {
    causes: [
      "cert.missing-intermediate",
      "cert.unknown-root",
      "cert.self-signed-in-chain",
      "cert.no-ca-bundle-in-image",
    ],
    tells: {
      en: "Count what the server sends. One certificate of another issuer: the intermediate is missing. Certificate and intermediate: the root is unknown here. The root as well: a private one. If every TLS site fails, the roots of this machine are missing.",
      zh: "数一数服务器发来的证书。只有一张且由别人签发：缺中间证书。含中间证书：本机不认识根证书。连根证书也发来：私有机构。所有 TLS 网站都失败：本机缺少根证书。",
    },
  },
  {
    causes: ["cert.hostname-mismatch", "cert.connect-by-ip", "cert.cn-only"],
    tells: {
      en: "The error lists the certificate's names. An IP address as host can match none of them; other names mean an alias or another server. A certificate with its name in the CN only passes here and fails in Go and Java.",
      zh: "错误中列出证书的名称。主机填的是 IP 地址，与这些名称都不匹配；名称不同，说明用了别名或连到别的服务器。只在 CN 里写名称的证书在这里能通过，在 Go 和 Java 中会失败。",
    },
  },
  {
    causes: [
      "auth.bad-credentials",
      "auth.app-password-required",
      "auth.authorization-code-required",
      "auth.smtp-service-not-enabled",
      "auth.smtp-auth-disabled-tenant",
      "auth.basic-auth-disabled",
      "auth.wrong-kind-of-key",
      "config.username-not-full-address",
    ],
    tells: {
      en: 'The words after 535 decide: "application-specific password", "authorization code", "SmtpClientAuthentication is disabled" (an administrator can switch it on), "basic authentication is disabled" (OAuth only). Without such words look at user name and secret: an incomplete user name, a key of another kind, SMTP not yet switched on in the mailbox, and last a wrong password.',
      zh: "看 535 后面的文字：application-specific password（应用专用密码）、authorization code（授权码）、SmtpClientAuthentication is disabled（管理员可开启）、basic authentication is disabled（只能用 OAuth）。没有这些文字时检查用户名和密钥：用户名不完整、密钥种类不对、邮箱未开启 SMTP 服务，最后才是密码错误。",
    },
  },
  {
    causes: [
      "auth.bad-credentials",
      "config.app-password-spaces",
      "config.env-value-mangled",
      "config.wrong-region-endpoint",
      "environment.config-not-reloaded",
    ],
    tells: {
      en: "The secret is right where it was made and refused here. Compare length and spaces of what the program holds, see whether its transcript shows the new host and user, and try the provider's other region.",
      zh: "密钥本身正确，在这里却被拒绝。核对程序实际持有的长度和空格，看会话记录里是不是新的主机和用户名，再试服务商的其他区域。",
    },
  },
  {
    causes: [
      "auth.basic-auth-disabled",
      "auth.smtp-auth-disabled-tenant",
      "auth.security-defaults-or-conditional-access",
    ],
    tells: {
      en: 'All are 535 5.7.139. "SmtpClientAuthentication is disabled" is a switch of tenant or mailbox, "basic authentication" the end of passwords there, "security defaults" a policy.',
      zh: "都是 535 5.7.139。SmtpClientAuthentication is disabled 是租户或邮箱的开关，basic authentication 表示不再支持密码登录，security defaults 是安全策略。",
    },
  },
  {
    causes: [
      "auth.too-many-logins",
      "auth.temporary-failure",
      "auth.web-login-required",
      "auth.account-blocked-or-unpaid",
      "auth.source-ip-not-allowed",
    ],
    tells: {
      en: 'The password may be right. "Too many" ends by waiting, 454 without it is the server\'s own trouble, a browser link wants a sign-in there, "suspended", "disabled" or "credits" is the account, a mention of the IP is often an allow list.',
      zh: "密码可能没错。提到 too many，等待即可；454 而没有这些字样，是服务器自身故障；给出浏览器链接，需要到网页登录；suspended、disabled、credits 说明账号有问题；提到 IP，多半有白名单。",
    },
  },
  {
    causes: ["auth.xoauth2-challenge", "auth.oauth-token-refused", "auth.oauth-unreachable"],
    tells: {
      en: "Who said no? A JSON status 400 from the mail server means a wrong scope or user, 401 an expired or revoked token. invalid_grant comes from the token service: connect the account anew. No answer from that service is a matter of the network.",
      zh: "看是谁拒绝的。邮件服务器返回 JSON 状态 400 表示权限范围或用户不对，401 表示令牌过期或被撤销。invalid_grant 来自令牌服务，需要重新授权。令牌服务没有应答，则是网络问题。",
    },
  },
  {
    causes: [
      "auth.not-offered-before-tls",
      "auth.not-offered-at-all",
      "auth.mechanism-unsupported",
      "envelope.authentication-required",
    ],
    tells: {
      en: "Compare EHLO before and after STARTTLS. AUTH after it alone is normal: switch encryption on. No AUTH at all, mostly on port 25, is a server that receives mail; AUTH with other mechanisms only needs OAuth or another mailbox.",
      zh: "比较 STARTTLS 前后的 EHLO。只在之后出现 AUTH 属于正常，打开加密即可。始终没有 AUTH（多见于 25 端口），是收信服务器；有 AUTH 但没有可用的机制，需要 OAuth 或换邮箱。",
    },
  },
  {
    causes: [
      "envelope.sender-not-owned",
      "envelope.sender-not-verified",
      "envelope.sandbox",
      "envelope.relay-denied",
      "envelope.authentication-required",
      "environment.test-button-uses-other-sender",
    ],
    tells: {
      en: "Try MAIL FROM with the login's own address: if that is taken, the sender was not the account's or not verified in the console. A refusal that names the recipient is a trial account; \"relay denied\" at RCPT mostly means no sign-in.",
      zh: "用登录账号自己的地址试 MAIL FROM：能通过，说明原发件人不属于该账号，或未在控制台验证。拒绝时提到的是收件人，说明账号仍在试用；RCPT 时报 relay denied，多半是没有登录。",
    },
  },
  {
    causes: [
      "envelope.daily-quota",
      "envelope.rate-limited",
      "data.unusual-activity-lock",
      "auth.account-blocked-or-unpaid",
      "banner.421-busy-or-limited",
    ],
    tells: {
      en: 'The digit misleads here, the words decide. "Daily" or "quota" ends at the provider\'s reset, "rate" or "too quickly" after minutes, "unusual activity" only by an unlock in the console; too many connections end with fewer of them.',
      zh: "此时首位数字会误导，要看文字。daily、quota 到服务商重置时恢复；rate、too quickly 几分钟后恢复；unusual activity 需到控制台解锁；连接过多，减少连接即可。",
    },
  },
  {
    causes: [
      "envelope.greylisted",
      "envelope.rate-limited",
      "envelope.mailbox-full",
      "envelope.recipient-deferred",
      "envelope.sender-deferred",
      "envelope.too-many-recipients",
    ],
    tells: {
      en: 'All begin with 4 and pass later. "Greylisted" or "try again later" at RCPT passes in minutes; 4.5.3 wants fewer recipients in one message; 4.2.2 is the recipient\'s full mailbox; "rate" is ours to slow down.',
      zh: "都以 4 开头，稍后可通过。RCPT 时出现 greylisted 或 try again later，几分钟后即可；4.5.3 要求减少每封的收件人；4.2.2 是对方邮箱已满；提到 rate，需要放慢发送。",
    },
  },
  {
    causes: [
      "envelope.recipient-unknown",
      "envelope.domain-not-found",
      "envelope.syntax",
      "envelope.smtputf8-missing",
      "envelope.recipient-refused",
    ],
    tells: {
      en: "The enhanced status tells: 5.1.1 no such mailbox, 5.1.2 no such domain, 5.1.3 and 5.1.7 not written as an address, 5.6.7 an international address at a server without SMTPUTF8.",
      zh: "看增强状态码：5.1.1 没有该邮箱，5.1.2 没有该域名，5.1.3 和 5.1.7 地址写法有误，5.6.7 是国际化地址而服务器不支持 SMTPUTF8。",
    },
  },
  {
    causes: [
      "envelope.source-ip-listed",
      "data.content-rejected",
      "data.no-reverse-dns",
      "banner.554-refused",
    ],
    tells: {
      en: '554 5.7.1 is too general; read its words. A block list\'s name or "blocked using" means this machine\'s address, PTR its reverse name, "spam" or "content" the message. The first two meet every message, the last only this one.',
      zh: "554 5.7.1 过于笼统，要看文字。出现黑名单名称或 blocked using，是本机地址的问题；PTR 是反向解析；spam 或 content 是邮件内容。前两者对每封邮件都一样，最后一种只针对这封。",
    },
  },
  {
    causes: [
      "data.unauthenticated-sender",
      "data.microsoft-5.7.515",
      "data.spf-fail",
      "data.dkim-fail",
      "delivery.spf-lacks-provider",
      "delivery.spf-broken",
      "delivery.dkim-missing",
      "delivery.dmarc-misaligned",
      "delivery.no-dmarc-record",
      "delivery.from-freemail-domain",
    ],
    tells: {
      en: "Look the records up: exactly one SPF record that names the provider, its DKIM key under the From domain, a DMARC record. If all stand and DMARC still fails, the proved domain is not that of From; a free mailbox as From can never align with another provider.",
      zh: "查询 DNS 记录：只有一条 SPF 且包含该服务商，From 域名下有其 DKIM 公钥，并有 DMARC 记录。都有而 DMARC 仍失败，是通过验证的域名与 From 不一致；From 用免费邮箱而由别家发送，永远无法对齐。",
    },
  },
  {
    causes: ["data.timeout-after-data", "data.connection-lost-after-dot", "tcp.mtu-blackhole", "tcp.stalled"],
    tells: {
      en: "Ask when it broke. After the final dot the mail may have arrived; before it, it has not. If small messages pass and large ones stall, packets are lost by their size.",
      zh: "看在哪一步中断。在结束的点号之后，邮件可能已送达；在此之前则没有。小邮件能发、大邮件卡住，是大包在途中丢失。",
    },
  },
  {
    causes: [
      "delivery.accepted-then-bounced",
      "delivery.spam-folder",
      "delivery.suppressed",
      "environment.serverless-frozen",
    ],
    tells: {
      en: 'It says sent, and nothing arrives. Without a 250 and a queue id nothing was sent, as in a frozen function. With them look for a bounce in the sender\'s mailbox, then in the recipient\'s junk, then in the provider\'s log for "suppressed" or "dropped".',
      zh: "显示已发送却没有收到。没有 250 和队列编号，说明并未发出，例如函数被冻结。有的话，先看发件邮箱有无退信，再看对方垃圾箱，最后在服务商日志里找 suppressed 或 dropped。",
    },
  },
  {
    causes: ["environment.host-ok-container-fails", "tcp.container-egress", "environment.openssl-conf"],
    tells: {
      en: "Run the same check on the host and in the container. If only names or connections fail inside, it is the container's network; if only TLS does, its runtime, roots or environment variables.",
      zh: "在宿主机和容器里各运行一次同样的检查。容器内只是解析或连接失败，问题在容器网络；只是 TLS 失败，问题在其运行时、根证书或环境变量。",
    },
  },
];

/** The groups that a cause stands in. */
export function lookAlikesOf(id: CauseId): readonly LookAlikes[] {
  return lookAlikes.filter(({ causes }) => causes.includes(id));
}
