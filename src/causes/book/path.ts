// Who stands in the way of a connection. Found by the doctor's probes: from here each of them looks like silence or a refusal.
import { chapter } from "../entry.ts";

const way = { scope: "endpoint", retry: "connection" } as const;

const otherPort = {
  en: "Use a port that is open here: {openPorts}.",
  zh: "改用这里开放的端口：{openPorts}。",
} as const;

export const path = chapter("tcp", {
  "tcp.refused-by-local-rule": {
    ...way,
    title: {
      en: "A firewall on this side rejects connections to port {port}",
      zh: "本机或网关的防火墙拒绝了到端口 {port} 的连接",
    },
    explanation: {
      en: "The refusal does not come from {host}: an address where nothing lives is refused at once on the same port too. Only this machine or its gateway can answer so fast ({place}: {rule}).",
      zh: "拒绝并非来自 {host}：连接一个不存在任何主机的地址，同一端口同样立刻被拒。只有本机或网关会这样应答（{place}：{rule}）。",
    },
    symptom: {
      en: "ECONNREFUSED within milliseconds, at every provider alike.",
      zh: "几毫秒内就报 ECONNREFUSED，连哪家服务商都一样。",
    },
    steps: [
      {
        en: "Allow outgoing TCP to port {port}, before the rule that rejects it. On this machine: {command}.",
        zh: "在拒绝规则之前放行到端口 {port} 的出站 TCP 连接。在本机执行：{command}。",
      },
      {
        en: "If no rule here does it, ask whoever runs the gateway or the company's firewall for the same.",
        zh: "如果本机没有这样的规则，请网关或公司防火墙的管理员放行。",
      },
      otherPort,
    ],
  },
  "tcp.timeout-local-drop": {
    ...way,
    title: {
      en: "A firewall rule of this machine drops mail on port {port}",
      zh: "本机防火墙的一条规则丢弃了到端口 {port} 的连接",
    },
    explanation: {
      en: "The packets never leave: {rule} ({place}). To a program this looks the same as a server that does not answer.",
      zh: "数据包根本没有离开本机：{rule}（{place}）。在程序看来，这和服务器没有回应完全一样。",
    },
    symptom: {
      en: "No answer and no error until the timeout; the counter of a firewall rule here rises with each try.",
      zh: "直到超时都没有应答或错误；每试一次，本机某条防火墙规则的计数就增加。",
    },
    steps: [
      {
        en: "Take the rule away, or let mail pass before it: {command}.",
        zh: "删除该规则，或在其之前放行：{command}。",
      },
      {
        en: "Make the change permanent with the tool that owns the rules, or it is back after a restart.",
        zh: "用管理这些规则的工具永久保存，否则重启后规则会恢复。",
      },
    ],
  },
  "tcp.timeout-cloud-egress-block": {
    ...way,
    title: {
      en: "{platform} blocks outgoing mail on port {blockedPorts}",
      zh: "{platform}封禁了出站邮件端口 {blockedPorts}",
    },
    explanation: {
      en: "Other connections leave this machine, and mail ports are silent to every provider alike: the block is on the way out, not at {host}. Most clouds block port 25, and some 465 and 587 as well.",
      zh: "本机的其他连接正常，而邮件端口对所有服务商都没有回应：封禁发生在出口，而不在 {host}。多数云厂商封 25 端口，有的连 465 和 587 也封。",
    },
    symptom: {
      en: "25, 465 or 587 time out at every provider, while web pages open; from home the same setting works.",
      zh: "25、465 或 587 连哪家服务商都超时，网页却能打开；同样的设置在家里正常。",
    },
    steps: [
      otherPort,
      { en: "To have the port opened: {unblock}.", zh: "申请解封：{unblock}。" },
      {
        en: "Where none is open, send through a provider that listens on 2525, or over HTTPS.",
        zh: "如果都不通，改用支持 2525 端口的服务商，或通过 HTTPS 接口发信。",
      },
    ],
  },
  "tcp.timeout-security-group": {
    ...way,
    title: {
      en: "Outgoing rules of the network leave out mail",
      zh: "网络的出站规则没有放行邮件",
    },
    explanation: {
      en: "Every mail port is silent to every provider, 2525 too, which hardly any host blocks by itself. That is what a list of allowed destinations looks like: a security group, a network ACL, a subnet without a way out, or a company's firewall.",
      zh: "所有服务商的所有邮件端口都没有回应，包括几乎没有主机商会封的 2525。这是出站白名单的典型表现：安全组、网络 ACL、没有出口的子网，或公司防火墙。",
    },
    symptom: {
      en: "Mail ports time out, and so may 443 or every destination that is not on a list.",
      zh: "邮件端口超时，443 或名单之外的目标也可能超时。",
    },
    steps: [
      {
        en: "Add an outbound rule for TCP {port} to the security group or network ACL of this machine. Inbound rules do not help.",
        zh: "在本机的安全组或网络 ACL 中添加放行 TCP {port} 的出站规则。入站规则没有作用。",
      },
      {
        en: "A private subnet or a function in a VPC needs a NAT gateway as well.",
        zh: "私有子网或 VPC 中的函数还需要 NAT 网关。",
      },
    ],
  },
  "tcp.timeout-provider-drops-your-ip": {
    ...way,
    title: {
      en: "{host} does not answer this network, while other providers do",
      zh: "{host} 不回应来自本网络的连接，而其他服务商正常",
    },
    explanation: {
      en: "The same port at another provider answers, so nothing here blocks it. {provider} may be dropping this machine's address, as some do with data centres, foreign networks or after an abuse report. It may also be down.",
      zh: "同一端口在其他服务商处有应答，可见本机没有被封。{provider}可能丢弃了来自本机地址的连接（有的会针对机房、境外网络，或在收到滥用投诉之后），也可能正在故障。",
    },
    symptom: {
      en: "One provider is silent on every port, while another often answers on the same ports.",
      zh: "一家服务商的所有端口都没有应答，而另一家在相同端口上往往有应答。",
    },
    steps: [
      {
        en: "Look at the provider's status page, and try from another network.",
        zh: "查看服务商的状态页面，并换一个网络测试。",
      },
      {
        en: "If it works elsewhere, ask the provider to let this machine's public address in, or send from another one.",
        zh: "如果其他网络正常，请服务商放行本机的公网地址，或改从其他地址发信。",
      },
      { en: "Check the host. Settings that fit: {endpoints}.", zh: "核对主机名。可用的设置：{endpoints}。" },
    ],
  },
  "tcp.isp-block": {
    ...way,
    title: {
      en: "The internet provider of this line blocks port {blockedPorts}",
      zh: "宽带运营商封禁了端口 {blockedPorts}",
    },
    explanation: {
      en: "Home and mobile lines often have port 25 closed towards everybody, to stop spam. Other ports work.",
      zh: "家庭宽带和移动网络常常封闭 25 端口以防垃圾邮件，其他端口正常。",
    },
    symptom: {
      en: "Port 25, sometimes every mail port, is silent from a home or mobile line.",
      zh: "在家庭宽带或移动网络上，25 端口（有时是所有邮件端口）没有应答。",
    },
    steps: [
      otherPort,
      {
        en: "Port 25 is for mail between servers. To send through a provider: {endpoints}.",
        zh: "25 端口用于服务器之间。通过服务商发信请用：{endpoints}。",
      },
    ],
  },
  "tcp.broken-ipv6": {
    ...way,
    title: {
      en: "IPv6 does not reach {host}; IPv4 does",
      zh: "IPv6 无法连接 {host}，IPv4 正常",
    },
    explanation: {
      en: "The name has addresses of both kinds, and those of IPv6 are silent or unreachable from here. Programs that try them first are slow by one time-out, or give up.",
      zh: "该域名同时有两种地址，而从这里无法到达 IPv6 地址。先试 IPv6 的程序会多等一次超时，甚至直接失败。",
    },
    symptom: {
      en: "Each send is slow by one timeout before IPv4 takes over, or fails where only the first address is tried.",
      zh: "每次发信都先慢一个超时才改用 IPv4；只试第一个地址的程序则直接失败。",
    },
    steps: [
      {
        en: "Have the IPv6 route mended, or take IPv6 away from this machine.",
        zh: "修复 IPv6 路由，或在本机停用 IPv6。",
      },
      {
        en: "Until then let the application prefer IPv4 (Node: NODE_OPTIONS=--dns-result-order=ipv4first). Postrider tries both side by side and goes on.",
        zh: "在此之前让应用优先使用 IPv4（Node：NODE_OPTIONS=--dns-result-order=ipv4first）。Postrider 会同时尝试两者，不受影响。",
      },
    ],
  },
  "tcp.happy-eyeballs-250ms": {
    ...way,
    title: {
      en: "This line is too slow for Node's race between addresses",
      zh: "线路较慢，超出了 Node 在多个地址间竞速的时限",
    },
    explanation: {
      en: "An application on Node gives each address but the last a quarter of a second (half a second from Node 26 on). Connections here took {found}. Such an application fails with an AggregateError whose text is empty, while each address alone would answer. Postrider's own client waits longer.",
      zh: "基于 Node 的应用只给每个地址（最后一个除外）四分之一秒（Node 26 起为半秒），而这里建立连接用了 {found}。这样的应用会报出没有文字的 AggregateError，尽管单独连接每个地址都正常。Postrider 自己的客户端等待更久。",
    },
    symptom: {
      en: "ETIMEDOUT after less than a second, with an empty message, on a slow line that works.",
      zh: "线路慢但可用，不到一秒就报 ETIMEDOUT，且错误文字为空。",
    },
    steps: [
      {
        en: "Give such an application more time: NODE_OPTIONS=--network-family-autoselection-attempt-timeout=2000.",
        zh: "为该应用放宽时限：NODE_OPTIONS=--network-family-autoselection-attempt-timeout=2000。",
      },
    ],
  },
  "tcp.aggregate-error-hides-text": {
    ...way,
    title: {
      en: "Several addresses failed, each for a reason of its own",
      zh: "多个地址均连接失败，原因各不相同",
    },
    explanation: {
      en: "Node puts them together into one AggregateError with an empty text, so that many programs show nothing at all. The reasons, one by one: {detail}.",
      zh: "Node 会把它们合并为一个文字为空的 AggregateError，许多程序因此什么也不显示。逐个原因：{detail}。",
    },
    symptom: {
      en: "An AggregateError without a message; the reasons stand in its list of errors.",
      zh: "出现没有文字的 AggregateError，原因在其 errors 列表里。",
    },
    steps: [
      {
        en: "Read the reasons address by address; nothing in the settings has to change for this alone.",
        zh: "逐个查看各地址的原因；仅因这一点无需修改设置。",
      },
    ],
  },
  "tcp.transparent-smtp-proxy": {
    ...way,
    title: {
      en: "Something on the way answers mail connections in the place of {host}",
      zh: "途中有设备冒充 {host} 应答邮件连接",
    },
    explanation: {
      en: "A connection to an address where nothing lives was answered on the same port. A hosting company, a hotel, a mobile carrier or a redirect rule catches outgoing mail and passes it to a server of its own ({found}).",
      zh: "连接一个不存在任何主机的地址，同一端口竟然有应答。主机商、酒店、移动运营商或一条重定向规则截获了出站邮件，转给了它自己的服务器（{found}）。",
    },
    symptom: {
      en: "The connection opens, even to an address where nothing is, and greeting or certificate name another server.",
      zh: "连接总能建立，连不存在的地址也行；问候语或证书写的是别的服务器。",
    },
    steps: [
      {
        en: "Use port 465 with SSL/TLS: encrypted from the first byte, it is hard to catch. Open here: {openPorts}.",
        zh: "改用 465 端口的 SSL/TLS：从第一个字节起就加密，难以截获。这里开放的端口：{openPorts}。",
      },
      {
        en: "On shared hosting, use the host's own mail relay, or send over HTTPS.",
        zh: "虚拟主机请使用主机商自己的邮件中继，或通过 HTTPS 接口发信。",
      },
      {
        en: "If a rule of this machine redirects ({rule}): {command}.",
        zh: "如果是本机规则在重定向（{rule}）：{command}。",
      },
    ],
  },
  "tcp.mail-host-behind-web-proxy": {
    ...way,
    title: {
      en: "{host} points to a web proxy that passes on no mail",
      zh: "{host} 指向了不转发邮件的网站代理（CDN）",
    },
    explanation: {
      en: "The address belongs to {found}, which answers on the web's port 443 and not on mail ports. The DNS record of the mail host is proxied.",
      zh: "该地址属于 {found}，它只应答网页的 443 端口，不应答邮件端口。邮件主机的 DNS 记录开启了代理。",
    },
    symptom: {
      en: "Your mail name resolves to a CDN; 443 works, 465 and 587 time out.",
      zh: "邮件域名解析到 CDN；443 正常，465 和 587 超时。",
    },
    steps: [
      {
        en: 'Set the DNS record of {host} to "DNS only" (at Cloudflare: the grey cloud), so that it shows the mail server\'s own address.',
        zh: "将 {host} 的 DNS 记录设为“仅 DNS”（Cloudflare 中为灰色云朵），使其指向邮件服务器自己的地址。",
      },
      {
        en: "Or enter another name of the mail server that is not proxied.",
        zh: "或者填写邮件服务器另一个未经代理的域名。",
      },
    ],
  },
  "tcp.container-egress": {
    ...way,
    title: {
      en: "This container has no way out",
      zh: "此容器没有外网出口",
    },
    explanation: {
      en: "Nothing outside answers from inside the container, not even the web. Often the network is marked internal, or a firewall that was restarted has removed the rules that Docker had made for it.",
      zh: "在容器内连不上任何外部主机，连网页也不行。常见原因是容器网络被标为 internal，或者防火墙重启后清掉了 Docker 的规则。",
    },
    symptom: {
      en: "It works on the host and times out or finds no name in the container.",
      zh: "宿主机正常，容器中超时或无法解析域名。",
    },
    steps: [
      {
        en: "Restart Docker after changes to the firewall: its forwarding rules come back.",
        zh: "修改防火墙之后重启 Docker，让其转发规则恢复。",
      },
      {
        en: "Put the container into a network with a way out (no `internal: true` in compose).",
        zh: "把容器接入有出口的网络（compose 中不要设置 `internal: true`）。",
      },
      {
        en: "Run the doctor on the host as well: the first line that differs shows where it breaks.",
        zh: "在宿主机上也运行一次诊断：第一处不同的地方就是断点。",
      },
    ],
  },
  "tcp.kubernetes-networkpolicy": {
    ...way,
    title: {
      en: "A network policy of the cluster leaves out mail",
      zh: "集群的网络策略没有放行邮件",
    },
    explanation: {
      en: "In this pod the web answers and every mail port is silent, to several providers. A default-deny egress policy without a rule for SMTP looks like this.",
      zh: "在此 Pod 中网页可以访问，而多个服务商的邮件端口都没有回应。默认拒绝的出站策略没有包含 SMTP 时就是这样。",
    },
    symptom: {
      en: "465 and 587 time out in one namespace only; 443 may work there.",
      zh: "只有某个命名空间里 465 和 587 超时，443 可能正常。",
    },
    steps: [
      {
        en: "Allow egress for TCP {port} (and port 53 for DNS) in the policy: kubectl get networkpolicy -n <namespace> -o yaml shows it. Cilium and Istio have rules of their own.",
        zh: "在策略中放行 TCP {port} 的出站流量（以及 DNS 的 53 端口）：用 kubectl get networkpolicy -n <命名空间> -o yaml 查看。Cilium 和 Istio 另有自己的规则。",
      },
    ],
  },
  "tcp.paas-plan-block": {
    ...way,
    title: {
      en: "This plan of {platform} sends no mail over SMTP",
      zh: "{platform}的当前套餐不允许通过 SMTP 发信",
    },
    explanation: {
      en: "Port {blockedPorts} is silent here, and this platform closes mail ports on some of its plans. No setting of the application changes that.",
      zh: "端口 {blockedPorts} 没有回应，而该平台在部分套餐中关闭邮件端口。修改应用的设置没有用。",
    },
    symptom: {
      en: "25, 465 or 587 time out on the platform, and the same program sends from your own machine.",
      zh: "在平台上 25、465 或 587 超时，同一程序在自己电脑上能发送。",
    },
    steps: [
      { en: "To have it opened: {unblock}.", zh: "开通方法：{unblock}。" },
      otherPort,
      { en: "Or send over the provider's HTTPS API.", zh: "或者改用服务商的 HTTPS 接口发信。" },
    ],
  },
  "tcp.corporate-proxy-only": {
    ...way,
    title: {
      en: "This network lets traffic out only through a proxy",
      zh: "此网络只能通过代理访问外网",
    },
    explanation: {
      en: "No direct connection leaves, not even to the web, and a proxy is set in the environment ({found}). Mail programs do not use it by themselves.",
      zh: "任何直连都出不去，连网页也不行，而环境变量中设置了代理（{found}）。邮件程序不会自动使用它。",
    },
    symptom: {
      en: "Every direct connection times out, often even 443, and a proxy variable is set.",
      zh: "所有直接连接都超时，往往连 443 也不通，并且设置了代理变量。",
    },
    steps: [
      {
        en: "Give the mail program this proxy in its own settings; at Postrider it is the account's `proxy`. It has to allow CONNECT to port {port}.",
        zh: "在邮件程序自己的设置中填写该代理；Postrider 中是账号的 `proxy`。代理需要允许 CONNECT 到端口 {port}。",
      },
      {
        en: "Or ask for a direct way out to {host} on port {port}.",
        zh: "或者申请放行到 {host} 端口 {port} 的直连。",
      },
    ],
  },
  "tcp.mtu-blackhole": {
    ...way,
    title: {
      en: "Large packets are lost on the way to {host}",
      zh: "大数据包在前往 {host} 的途中丢失",
    },
    explanation: {
      en: "Small packets arrive and large ones vanish: the connection stands, and the TLS handshake or the content hangs. A tunnel, a VPN or an overlay network on the way carries less than this interface sends, and the messages that would say so are filtered.",
      zh: "小数据包能到达，大数据包消失：连接可以建立，但 TLS 握手或邮件内容卡住。途中的隧道、VPN 或 overlay 网络的 MTU 比本机接口小，而本应告知这一点的 ICMP 消息被过滤了。",
    },
    symptom: {
      en: "Connection and greeting are fine; then the TLS handshake or a larger message hangs.",
      zh: "连接和问候正常，随后 TLS 握手或较大的邮件卡住。",
    },
    steps: [
      {
        en: "Give this machine's or container's interface the MTU of the way out (1450 or 1400 are common), or set net.ipv4.tcp_mtu_probing=1.",
        zh: "将本机或容器接口的 MTU 设为出口的值（常见 1450 或 1400），或设置 net.ipv4.tcp_mtu_probing=1。",
      },
      {
        en: "To see it: ping -M do -s 1472 {host} fails where -s 1300 passes.",
        zh: "验证方法：ping -M do -s 1472 {host} 失败，而 -s 1300 成功。",
      },
    ],
  },
});
