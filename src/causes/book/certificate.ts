// The certificate the server shows. Verification is never switched off; each remedy keeps it on.
import { chapter } from "../entry.ts";

/** How a chain that ends in nothing we trust shows, whoever made it. */
const untrusted = [
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
];

const trust = {
  en: "Or let this account trust that root: save it as a PEM file and give it with --ca FILE, or through NODE_EXTRA_CA_CERTS.",
  zh: "或者让本账号信任该根证书：保存为 PEM 文件，用 --ca 文件 指定，或通过 NODE_EXTRA_CA_CERTS 提供。",
};

export const certificate = chapter("certificate", {
  "cert.antivirus-interception": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "A virus scanner on this machine opens the encrypted connection",
      zh: "本机的杀毒软件拦截了加密连接",
    },
    explanation: {
      en: "The certificate is not {provider}'s: it was made by the mail shield of an antivirus program. {certificate}",
      zh: "收到的证书不属于{provider}，而是由杀毒软件的邮件防护生成的。{certificate}",
    },
    steps: [
      {
        en: "Switch off SSL/TLS mail scanning in that program, at least for this application.",
        zh: "在杀毒软件中关闭邮件的 SSL/TLS 扫描，至少对本程序关闭。",
      },
      trust,
    ],
    signs: [
      {
        rank: "override",
        codes: untrusted,
        issuer: /avast|\bAVG\b|\bESET\b|bitdefender|kaspersky|norton|dr\.?web|adguard/i,
      },
    ],
  },
  "cert.corporate-inspection": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "A company gateway opens the encrypted connection",
      zh: "公司网关拦截了加密连接",
    },
    explanation: {
      en: "The certificate is not {provider}'s: a gateway that inspects TLS made it. {certificate}",
      zh: "收到的证书不属于{provider}，而是由检查 TLS 流量的网关生成的。{certificate}",
    },
    steps: [
      {
        en: "Ask IT for an exception for {host}, port {port}.",
        zh: "请 IT 部门为 {host} 的端口 {port} 设置例外。",
      },
      trust,
    ],
    signs: [
      {
        rank: "override",
        codes: untrusted,
        issuer: /zscaler|fortinet|fortigate|palo ?alto|sophos|umbrella|netskope|blue ?coat|check ?point/i,
      },
    ],
  },
  "cert.self-signed-leaf": {
    scope: "endpoint",
    retry: "config",
    title: { en: "{host} shows a certificate that it signed itself", zh: "{host} 使用的是自签名证书" },
    explanation: {
      en: "No authority vouches for it. On a server of your own that is a matter of set-up; on a well-known provider it means that someone else answers in its place.",
      zh: "没有任何机构为它担保。自建服务器只是配置问题；如果是知名服务商，则说明有人冒充它应答。",
    },
    steps: [
      {
        en: "On your own server, install a certificate of a public authority (for example Let's Encrypt).",
        zh: "自建服务器请安装公共机构签发的证书（例如 Let's Encrypt）。",
      },
      {
        en: "Or let this account trust exactly this certificate with --ca FILE.",
        zh: "或者用 --ca 文件 让本账号只信任这一张证书。",
      },
      {
        en: "On a public provider, do not go on: find out who stands in between.",
        zh: "如果是公共服务商，请不要继续，先查明是谁在中间拦截。",
      },
    ],
    signs: [{ rank: "phase", codes: ["DEPTH_ZERO_SELF_SIGNED_CERT"] }],
  },
  "cert.self-signed-in-chain": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "The certificate of {host} ends in a root that is not trusted here",
      zh: "{host} 的证书链终止于不受信任的根证书",
    },
    explanation: {
      en: "A private authority, a virus scanner or a gateway that inspects TLS issued it. {certificate}",
      zh: "证书由私有机构、杀毒软件或检查 TLS 的网关签发。{certificate}",
    },
    steps: [
      {
        en: "Look at the issuer. If it is not one you know, someone is reading the connection: find out who.",
        zh: "查看签发者。如果不认识，说明有人在窃读连接，请先查明。",
      },
      trust,
    ],
    signs: [{ rank: "phase", codes: ["SELF_SIGNED_CERT_IN_CHAIN"] }],
  },
  "cert.expired": {
    scope: "endpoint",
    retry: "config",
    title: { en: "The certificate of {host} has expired", zh: "{host} 的证书已过期" },
    explanation: {
      en: "It is past its last day, or the clock of this machine runs ahead. {certificate}",
      zh: "证书已超过有效期，或者本机时间偏快。{certificate}",
    },
    steps: [
      { en: "Check the date and time of this machine.", zh: "检查本机的日期和时间。" },
      {
        en: "If they are right, the owner of {host} must renew the certificate.",
        zh: "如果时间正确，请 {host} 的管理员更新证书。",
      },
    ],
    signs: [{ rank: "phase", codes: ["CERT_HAS_EXPIRED"] }],
  },
  "cert.not-yet-valid": {
    scope: "endpoint",
    retry: "config",
    title: { en: "The certificate of {host} is not valid yet", zh: "{host} 的证书尚未生效" },
    explanation: {
      en: "Nearly always the clock of this machine is behind (no clock chip, a resumed virtual machine). {certificate}",
      zh: "几乎总是本机时间偏慢所致（没有时钟芯片、虚拟机从挂起恢复等）。{certificate}",
    },
    steps: [
      { en: "Set the clock: timedatectl set-ntp true", zh: "校准时间：timedatectl set-ntp true" },
      { en: "Then test again.", zh: "然后重新测试。" },
    ],
    signs: [{ rank: "phase", codes: ["CERT_NOT_YET_VALID"] }],
  },
  "cert.connect-by-ip": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "The host is an IP address, and the certificate is issued to names",
      zh: "主机填的是 IP 地址，而证书上是域名",
    },
    explanation: {
      en: "The certificate is not issued to {host}, so there is no telling whose server this is. {certificate}",
      zh: "证书不适用于 {host}，因此无法确认服务器的身份。{certificate}",
    },
    steps: [
      {
        en: "Enter the host name instead of the address. Settings that fit: {endpoints}.",
        zh: "请填写主机名而不是 IP 地址。可用的设置：{endpoints}。",
      },
    ],
    signs: [{ rank: "override", codes: ["ERR_TLS_CERT_ALTNAME_INVALID"], text: /altnames: IP:/i }],
  },
  "cert.hostname-mismatch": {
    scope: "endpoint",
    retry: "config",
    title: { en: "The certificate is issued to another name than {host}", zh: "证书上的域名不是 {host}" },
    explanation: {
      en: "{host} is an alias of the server, or a hosting company answers in the provider's place. {certificate}",
      zh: "{host} 可能只是服务器的别名，或者是主机服务商代替服务商在应答。{certificate}",
    },
    steps: [
      {
        en: "Use a host name that the certificate lists, not an alias. Settings that fit: {endpoints}.",
        zh: "请使用证书上列出的主机名，不要用别名。可用的设置：{endpoints}。",
      },
      {
        en: "If the certificate belongs to your hosting company while {provider} was meant, the company captures mail: use port 465 or ask it.",
        zh: "如果要连接的是{provider}，而证书属于主机服务商，说明主机服务商拦截了邮件流量：请改用 465 端口或询问主机服务商。",
      },
    ],
    signs: [{ rank: "phase", codes: ["ERR_TLS_CERT_ALTNAME_INVALID", "HOSTNAME_MISMATCH"] }],
  },
  "cert.missing-intermediate": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "{host} sends an incomplete certificate chain, or one of a private authority",
      zh: "{host} 的证书链不完整，或由私有机构签发",
    },
    explanation: {
      en: "It sends its own certificate alone. Either the one in between is left out, which browsers fetch by themselves and mail programs do not, or the authority behind it is not a public one. {certificate}",
      zh: "它只发送了自己的证书：要么缺少中间证书（浏览器会自动补全，邮件程序不会），要么签发机构不是公共机构。{certificate}",
    },
    steps: [
      {
        en: "The owner of {host} must install the full chain (fullchain.pem).",
        zh: "请 {host} 的管理员安装完整证书链（fullchain.pem）。",
      },
      {
        en: "Until then, or when the authority is your own, give the missing certificate with --ca FILE.",
        zh: "在此之前，或者签发机构就是您自己的，请用 --ca 文件 提供缺少的证书。",
      },
    ],
    signs: [{ rank: "phase", codes: ["UNABLE_TO_VERIFY_LEAF_SIGNATURE"] }],
  },
  "cert.unknown-root": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "The authority that issued {host}'s certificate is not trusted here",
      zh: "本机不信任签发 {host} 证书的机构",
    },
    explanation: {
      en: "It is a private authority, or a public one that this machine's list of roots lacks. {certificate}",
      zh: "可能是私有机构，也可能是本机根证书列表中没有的公共机构。{certificate}",
    },
    steps: [
      {
        en: "Update this machine's runtime, whose roots come with it.",
        zh: "升级本机的运行环境（根证书随其更新）。",
      },
      trust,
    ],
    signs: [{ rank: "phase", codes: ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_GET_ISSUER_CERT"] }],
  },
  "cert.weak-key-or-digest": {
    scope: "endpoint",
    retry: "config",
    title: { en: "The certificate of {host} is too weak", zh: "{host} 的证书强度不足" },
    explanation: {
      en: "It has an RSA key below 2048 bits or a SHA-1 signature, and can be forged.",
      zh: "它使用不足 2048 位的 RSA 密钥或 SHA-1 签名，可能被伪造。",
    },
    steps: [
      {
        en: "The owner of {host} must replace it (RSA 2048 or ECDSA, SHA-256).",
        zh: "请 {host} 的管理员更换证书（RSA 2048 位或 ECDSA，SHA-256）。",
      },
    ],
    signs: [
      { rank: "phase", kinds: ["tls"], text: /too weak/i },
      {
        rank: "phase",
        codes: [
          "ERR_SSL_EE_KEY_TOO_SMALL",
          "ERR_SSL_CA_MD_TOO_WEAK",
          "ERR_SSL_CA_KEY_TOO_SMALL",
          "EE_KEY_TOO_SMALL",
          "CA_MD_TOO_WEAK",
          "CA_KEY_TOO_SMALL",
        ],
      },
    ],
  },
  "cert.not-trusted": {
    scope: "endpoint",
    retry: "config",
    title: { en: "The certificate of {host} could not be verified", zh: "{host} 的证书未通过验证" },
    explanation: { en: "The check said: {detail}", zh: "验证结果：{detail}" },
    steps: [
      { en: "The owner of {host} must fix the certificate.", zh: "请 {host} 的管理员修复证书。" },
      {
        en: "Test from another network; if it works there, someone stands in between here.",
        zh: "换一个网络测试；如果正常，说明当前网络中有人在拦截。",
      },
    ],
    signs: [
      {
        rank: "phase",
        codes: [
          "CERT_REVOKED",
          "CERT_UNTRUSTED",
          "CERT_REJECTED",
          "CERT_SIGNATURE_FAILURE",
          "CERT_CHAIN_TOO_LONG",
          "INVALID_CA",
          "INVALID_PURPOSE",
          "PATH_LENGTH_EXCEEDED",
        ],
      },
    ],
  },
  "cert.clock-skew": {
    scope: "ours",
    retry: "connection",
    title: { en: "This machine's clock is wrong by {found}", zh: "本机时钟偏差 {found}" },
    explanation: {
      en: "The certificate of {host} is valid today, but not by the clock here. Others agree on another time. Sign-in with OAuth 2.0 and one-time codes fail with it too.",
      zh: "{host} 的证书在今天有效，但按本机时钟无效。其他主机的时间一致。OAuth 2.0 登录和一次性验证码也会因此失败。",
    },
    symptom: {
      en: '"Certificate has expired" or "is not yet valid" at every site; one-time codes often fail too.',
      zh: "所有网站都报证书已过期或尚未生效，一次性验证码往往也会失败。",
    },
    steps: [
      {
        en: "Set the clock, and let it be kept: timedatectl set-ntp true, or the host's time synchronisation for a virtual machine or container.",
        zh: "校准时钟并保持同步：timedatectl set-ntp true；虚拟机或容器请打开宿主机的时间同步。",
      },
    ],
  },
  "cert.no-ca-bundle-in-image": {
    scope: "ours",
    retry: "connection",
    title: {
      en: "The roots that certificates are checked with are missing",
      zh: "缺少用于验证证书的根证书",
    },
    explanation: {
      en: "No usable set of root certificates was found: {found}. Slim images leave out the package, and then programs in Go, Python, PHP or Ruby trust nobody. Node brings its own roots, unless it is told to use others.",
      zh: "没有找到可用的根证书：{found}。精简镜像常常不带该软件包，Go、Python、PHP、Ruby 程序便不信任任何人。Node 自带根证书，除非被要求使用其他来源。",
    },
    symptom: {
      en: 'Every TLS site fails in this image with "certificate signed by unknown authority" or "certificate verify failed".',
      zh: "在该镜像中所有 TLS 网站都报 certificate signed by unknown authority 或 certificate verify failed。",
    },
    steps: [
      {
        en: "Install ca-certificates in the image (apt-get install ca-certificates, apk add ca-certificates).",
        zh: "在镜像中安装 ca-certificates（apt-get install ca-certificates 或 apk add ca-certificates）。",
      },
      {
        en: "Take away SSL_CERT_FILE, SSL_CERT_DIR or --use-openssl-ca where they point to nothing.",
        zh: "删除指向空处的 SSL_CERT_FILE、SSL_CERT_DIR 或 --use-openssl-ca。",
      },
    ],
  },
  "cert.cn-only": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "The certificate of {host} names it in the old way only",
      zh: "{host} 的证书只用旧方式写明主机名",
    },
    explanation: {
      en: "It has no alternative names (subjectAltName), only a common name. Node accepts that; Go, Java and browsers refuse it. {certificate}",
      zh: "证书没有备用名称（subjectAltName），只有通用名（CN）。Node 接受，而 Go、Java 和浏览器拒绝。{certificate}",
    },
    symptom: {
      en: "No error in Node; programs in Go or Java, and browsers, refuse the same certificate.",
      zh: "Node 不报错；Go、Java 程序和浏览器拒绝同一证书。",
    },
    steps: [
      {
        en: "The owner of {host} should have the certificate made anew with a subjectAltName.",
        zh: "请 {host} 的管理员重新签发带 subjectAltName 的证书。",
      },
    ],
  },
  "cert.verification-disabled": {
    scope: "ours",
    retry: "connection",
    title: {
      en: "Certificates are not checked in this environment",
      zh: "此环境关闭了证书验证",
    },
    explanation: {
      en: "{found} is set. Every Node program started here takes any certificate, so that whoever sits on the way can read passwords. Postrider verifies all the same.",
      zh: "设置了 {found}。从这里启动的 Node 程序会接受任何证书，途中的任何人都能读到密码。Postrider 仍会验证。",
    },
    symptom: {
      en: "Nothing fails, and an intercepted connection would not be noticed either.",
      zh: "没有任何报错，连接被拦截也不会发现。",
    },
    steps: [
      {
        en: "Take it away, and mend what it was to hide: give the server's own root by NODE_EXTRA_CA_CERTS, at Postrider by --ca.",
        zh: "删除该设置，并解决它所掩盖的问题：用 NODE_EXTRA_CA_CERTS 提供服务器的根证书，Postrider 中用 --ca。",
      },
    ],
  },
  "cert.expires-soon": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "The certificate of {host} ends in {found}",
      zh: "{host} 的证书将在 {found}后到期",
    },
    explanation: {
      en: "Mail leaves today, and from that day on none does: clients refuse a certificate that has ended. It was not renewed when it should have been. {certificate}",
      zh: "今天仍可发信，到期之后就不行了：客户端会拒绝过期的证书。它没有按时更新。{certificate}",
    },
    symptom: {
      en: "Nothing fails yet; the certificate's last day is near.",
      zh: "目前没有报错，但证书即将到期。",
    },
    steps: [
      {
        en: "If the server is your own, look why the renewal did not run (certbot renew --dry-run), and whether the mail server was told to load the new one.",
        zh: "如果是自建服务器，请检查为什么没有续期（certbot renew --dry-run），以及邮件服务是否已重新加载新证书。",
      },
      { en: "If not, tell whoever runs {host}.", zh: "否则请通知 {host} 的管理员。" },
    ],
  },
});
