// The way to the port: who drops, refuses, resets or redirects a connection.
import type { Case } from "../case.ts";
import { resets, web } from "../peers/raw.ts";
import { smtp } from "../peers/smtp.ts";
import type { World } from "../world.ts";
import { at, good, site } from "./make.ts";

const mailPorts = "{ 25, 465, 587, 2525 }";
const output = [
  "nft add table inet filter",
  "nft add chain inet filter output '{ type filter hook output priority filter; policy accept; }'",
];

/** Ports that a cloud drops, and what its machines look like. */
function cloud(
  name: string,
  label: string,
  dmi: Readonly<Record<string, string>>,
  ports: string,
  setting: Pick<Case, "input" | "proof">,
): Case {
  return {
    cause: "tcp.timeout-cloud-egress-block",
    staged: `DMI of ${label}; the network drops TCP to ${ports}`,
    ...setting,
    world: { name, dmi, gateway: [`tcp dport { ${ports} } drop`] },
    evidence: new RegExp(label.split(" ")[0]!),
  };
}

const on25 = (id: string) => {
  const right = good(id);
  return { ...right, input: { ...right.input, port: 25, security: "starttls" as const } };
};

const local = (name: string, ...setUp: string[]): World => ({ name, setUp });

export const tcp: readonly Case[] = [
  {
    cause: "tcp.refused-by-server",
    staged: "a server that listens on 587 only; 465 answers RST",
    ...at("mail.closed.example", 465, "tls", { 587: smtp({ security: "starttls" }) }),
  },
  {
    cause: "tcp.refused-by-local-rule",
    staged: "iptables -A OUTPUT -p tcp --dport 465 -j REJECT on this machine",
    ...good("gmail"),
    world: local("iptrej", "iptables -A OUTPUT -p tcp --dport 465 -j REJECT"),
    evidence: /-A OUTPUT -p tcp .*--dport 465 -j REJECT/,
  },
  {
    cause: "tcp.refused-by-local-rule",
    staged: "nft: tcp dport 465 reject with tcp reset on this machine",
    ...good("gmail"),
    world: local("nftrej", ...output, "nft add rule inet filter output tcp dport 465 reject with tcp reset"),
    evidence: /reject with tcp reset/,
  },
  {
    cause: "tcp.refused-by-local-rule",
    staged: "the gateway rejects TCP to mail ports; this machine has no rule",
    ...good("gmail"),
    world: { name: "gwrej", gateway: [`tcp dport ${mailPorts} reject with tcp reset`] },
    evidence: /192\.0\.2\.1/,
  },
  {
    cause: "tcp.timeout-local-drop",
    staged: "nft: tcp dport { 465, 587 } drop in the output chain of this machine",
    ...good("gmail"),
    world: local(
      "nftdrop",
      ...output,
      "nft add rule inet filter output tcp dport '{ 465, 587 }' counter drop",
    ),
    evidence: /tcp dport \{ 465, 587 \}/,
  },
  {
    cause: "tcp.timeout-local-drop",
    staged: "iptables -A OUTPUT -p tcp --dport 465 -j DROP on this machine",
    ...good("gmail"),
    world: local("iptdrop", "iptables -A OUTPUT -p tcp --dport 465 -j DROP"),
    evidence: /--dport 465 -j DROP/,
  },
  {
    cause: "tcp.timeout-local-drop",
    staged: "iptables-legacy -A OUTPUT -p tcp --dport 465 -j DROP on this machine",
    ...good("gmail"),
    world: local("legacy", "iptables-legacy -A OUTPUT -p tcp --dport 465 -j DROP"),
    evidence: /--dport 465 -j DROP/,
  },
  {
    cause: "tcp.timeout-local-drop",
    staged: "nft: a drop for the user who runs it (meta skuid)",
    ...good("gmail"),
    world: local("skuid", ...output, "nft add rule inet filter output meta skuid 0 tcp dport 465 drop"),
    evidence: /skuid/,
  },
  {
    cause: "tcp.timeout-local-drop",
    staged: "nft: policy drop for output, with DNS and the web let through",
    ...good("gmail"),
    world: local(
      "policy",
      ...output,
      "nft add rule inet filter output udp dport 53 accept",
      "nft add rule inet filter output tcp dport '{ 53, 80, 443 }' accept",
      "nft chain inet filter output '{ policy drop; }'",
    ),
    evidence: /policy drop/,
  },
  {
    cause: "tcp.admin-prohibited",
    staged: "the gateway rejects 465 with icmp admin-prohibited",
    ...good("gmail"),
    world: { name: "prohib", gateway: ["tcp dport 465 reject with icmpx admin-prohibited"] },
  },
  {
    cause: "tcp.no-route",
    staged: "no default route for either family, and a way to the name server",
    ...good("gmail"),
    world: { name: "noroute", without: ["v4", "v6"], setUp: ["ip route add 45.130.0.0/24 dev eth0"] },
  },
  {
    cause: "tcp.timeout",
    staged: "the host is down: packets to it vanish, everything else answers",
    ...at("mail.down.example", 465, "tls", {}),
    world: { name: "down", gateway: ["ip daddr {mail.down.example} drop"] },
  },
  {
    cause: "tcp.timeout-provider-drops-your-ip",
    staged:
      "the provider's host swallows this machine's connections to mail ports; its site and others answer",
    ...good("gmail"),
    world: { name: "banned", gateway: [`ip daddr {smtp.gmail.com} tcp dport ${mailPorts} drop`] },
  },
  cloud("hetzner", "Hetzner", { sys_vendor: "Hetzner", product_name: "vServer" }, "25, 465", good("gmail")),
  cloud("digoc", "DigitalOcean", { sys_vendor: "DigitalOcean" }, "25, 465, 587", good("gmail")),
  cloud("linode", "Linode", { sys_vendor: "Linode" }, "25, 465, 587", good("gmail")),
  cloud("scaleway", "Scaleway", { sys_vendor: "Scaleway" }, "25, 465, 587", good("gmail")),
  cloud(
    "aws",
    "Amazon EC2",
    { sys_vendor: "Amazon EC2", chassis_asset_tag: "Amazon EC2" },
    "25",
    on25("amazon-ses"),
  ),
  cloud("gce", "Google Cloud", { product_name: "Google Compute Engine" }, "25", on25("sendgrid")),
  cloud(
    "azure",
    "Azure",
    { sys_vendor: "Microsoft Corporation", chassis_asset_tag: "7783-7084-3265-9085-8269-3286-77" },
    "25",
    on25("sendgrid"),
  ),
  cloud("alibaba", "Alibaba Cloud", { product_name: "Alibaba Cloud ECS" }, "25", on25("sendgrid")),
  {
    cause: "tcp.timeout-cloud-egress-block",
    staged: "no known cloud; the network drops 25, 465 and 587, and 2525 passes",
    ...good("sendgrid", "tls"),
    world: { name: "somehost", gateway: ["tcp dport { 25, 465, 587 } drop"] },
  },
  {
    cause: "tcp.timeout-security-group",
    staged: "the network lets out DNS and the web only",
    ...good("gmail"),
    world: { name: "secgroup", gateway: ["tcp dport != { 53, 80, 443 } drop"] },
  },
  {
    cause: "tcp.isp-block",
    staged: "no cloud; the network drops port 25 alone",
    ...on25("sendgrid"),
    world: { name: "isp", gateway: ["tcp dport 25 drop"] },
  },
  {
    cause: "tcp.kubernetes-networkpolicy",
    staged: "variables of a Kubernetes pod; the network lets out DNS and the web only",
    ...good("gmail"),
    world: {
      name: "k8s",
      env: { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" },
      gateway: ["tcp dport != { 53, 80, 443 } drop"],
    },
  },
  {
    cause: "tcp.paas-plan-block",
    staged: "RENDER is set; the network drops 25, 465 and 587",
    ...good("gmail"),
    world: { name: "render", env: { RENDER: "true" }, gateway: ["tcp dport { 25, 465, 587 } drop"] },
    evidence: /Render/,
  },
  {
    cause: "tcp.paas-plan-block",
    staged: "RAILWAY_PROJECT_ID is set; the network drops every port for mail",
    ...good("gmail"),
    world: {
      name: "railway",
      env: { RAILWAY_PROJECT_ID: "00000000-0000-4000-8000-000000000000" },
      gateway: [`tcp dport ${mailPorts} drop`],
    },
    evidence: /Railway/,
  },
  {
    cause: "tcp.container-egress",
    staged: "a Docker container whose network lets out nothing but DNS",
    ...good("gmail"),
    world: { name: "docker", docker: true, gateway: ["tcp dport != 53 drop"] },
  },
  {
    cause: "tcp.corporate-proxy-only",
    staged: "HTTPS_PROXY is set; the network lets out nothing but DNS",
    ...good("gmail"),
    world: {
      name: "corpprox",
      env: { HTTPS_PROXY: "http://proxy.corp.internal:3128" },
      gateway: ["tcp dport != 53 drop"],
    },
  },
  {
    cause: "tcp.reset",
    staged: "a server that resets each connection as soon as it stands",
    ...at("mail.resets.example", 587, "starttls", { 587: resets }),
  },
  {
    cause: "tcp.broken-ipv6",
    staged: "a host with addresses of both families; the network swallows IPv6",
    verdict: "degraded",
    ...at("mail.dual.example", 465, "tls", { 465: smtp({ security: "tls" }) }),
    sites: [
      {
        host: "mail.dual.example",
        services: { 465: smtp({ security: "tls" }) },
        records: { "mail.dual.example": { a: ["{mail.dual.example}"], aaaa: ["{v6 mail.dual.example}"] } },
      },
    ],
    world: { name: "brokenv6", gateway: ["meta nfproto ipv6 tcp dport 1-65535 drop"] },
  },
  {
    cause: "tcp.transparent-smtp-proxy",
    staged: "the network redirects every connection to 25 and 587 to a server of its own",
    ...good("gmail", "starttls"),
    world: {
      name: "redirect",
      redirects: ["meta nfproto ipv4 tcp dport { 25, 587 } dnat ip to {relay.hosting.example}:587"],
    },
    sites: [site("relay.hosting.example", { 587: smtp({ security: "starttls" }) })],
  },
  {
    cause: "tcp.transparent-smtp-proxy",
    staged: "nft on this machine redirects 587 to a server of the company",
    ...good("gmail", "starttls"),
    world: local(
      "locredir",
      "nft add table ip nat",
      "nft add chain ip nat output '{ type nat hook output priority -100; }'",
      "nft add rule ip nat output tcp dport 587 dnat to {relay.company.example}:587",
    ),
    sites: [site("relay.company.example", { 587: smtp({ security: "starttls" }) })],
    evidence: /dnat to/,
  },
  {
    cause: "tcp.mail-host-behind-web-proxy",
    staged: "the mail host's name leads to an address of Cloudflare, which passes on 80 and 443",
    ...at("mail.proxied.example", 465, "tls", {}),
    sites: [{ host: "mail.proxied.example", address: "104.16.1.10", services: { 80: web, 443: web } }],
    world: { name: "cdn", gateway: ["ip daddr 104.16.1.10 tcp dport != { 80, 443 } drop"] },
  },
  {
    cause: "tcp.mtu-blackhole",
    staged: "the network swallows packets of more than 1,000 bytes to port 465",
    ...at("mail.mtu.example", 465, "tls", { 465: smtp({ security: "tls" }) }),
    world: { name: "mtu", gateway: ["tcp dport 465 meta length > 1000 drop"] },
  },
];

/** What only a person with more rights can see is said, with the command that shows it. */
export const unreadable: Case = {
  // All that can be told from outside: the rule itself looks like any other that drops.
  cause: "tcp.timeout-cloud-egress-block",
  truth: "tcp.timeout-local-drop",
  staged:
    "nft: tcp dport { 465, 587 } drop on this machine, and no right to see rules: told with the command that shows them",
  ...good("gmail"),
  world: {
    ...local("confined", ...output, "nft add rule inet filter output tcp dport '{ 465, 587 }' counter drop"),
    confined: true,
  },
  evidence: /nft (?:-\S+ )*list ruleset/,
};
