// What lies around the program: where it runs, on what, and with which values. Found by the doctor, or told by the person.
import { chapter } from "../entry.ts";

const here = { scope: "ours", retry: "connection" } as const;

export const environment = chapter("environment", {
  "environment.serverless-frozen": {
    ...here,
    title: {
      en: "{platform} freezes the program as soon as it has answered",
      zh: "{platform}在返回响应后立即冻结程序",
    },
    explanation: {
      en: "Here a program lives for one request. A mail whose sending was begun and not waited for stays behind without an error, or leaves with the next request.",
      zh: "程序只在一次请求期间运行。没有等待完成的发信会无声无息地停住，或者等到下一次请求才发出。",
    },
    symptom: {
      en: "No error and no mail, or the mail leaves with the next request; at home it works.",
      zh: "没有报错也没有邮件，或者下一次请求时才发出；本地运行正常。",
    },
    steps: [
      {
        en: "Wait for the sending before the answer (await post.send(…)), or hand the mail to a Postrider that runs elsewhere.",
        zh: "返回响应之前等待发信完成（await post.send(…)），或把邮件交给运行在别处的 Postrider。",
      },
    ],
  },
  "environment.host-ok-container-fails": {
    ...here,
    title: {
      en: "It may work outside this container",
      zh: "在容器之外可能正常",
    },
    explanation: {
      en: "A container has name servers, routes, firewall rules, root certificates and proxies of its own. What was seen here: {found}.",
      zh: "容器有自己的 DNS、路由、防火墙规则、根证书和代理。这里看到的是：{found}。",
    },
    symptom: {
      en: "The check passes on the host and fails in the container, or the other way round.",
      zh: "检查在宿主机通过，在容器中失败，或者相反。",
    },
    steps: [
      {
        en: "Run the doctor in both places and compare from the top: the first line that differs is the cause.",
        zh: "在两处分别运行诊断，从上往下比较：第一处不同就是原因。",
      },
    ],
  },
  "environment.config-not-reloaded": {
    ...here,
    title: {
      en: "The program still works with former settings",
      zh: "程序仍在使用旧的设置",
    },
    explanation: {
      en: "Containers keep their environment until they are made anew, frameworks cache what they read, and values in a database outrank those in a file.",
      zh: "容器在重新创建之前保留原有环境变量，框架会缓存配置，而数据库中的值优先于文件。",
    },
    symptom: {
      en: "The transcript shows the former host, port or user.",
      zh: "会话记录里仍是以前的主机、端口或用户名。",
    },
    steps: [
      {
        en: "Look at the transcript: host, port and user name there are the ones in use.",
        zh: "查看对话记录：其中的主机、端口和用户名才是实际使用的。",
      },
      {
        en: "Make the container anew (docker compose up -d --force-recreate), clear the cache (php artisan config:clear), save before testing.",
        zh: "重新创建容器（docker compose up -d --force-recreate），清除缓存（php artisan config:clear），测试前先保存。",
      },
    ],
  },
  "environment.old-runtime": {
    ...here,
    title: {
      en: "The TLS library here is too old: {found}",
      zh: "这里的 TLS 库过旧：{found}",
    },
    explanation: {
      en: "It lacks what servers ask for today: TLS 1.2 or 1.3, or the roots of newer certificates.",
      zh: "它缺少服务器如今要求的能力：TLS 1.2 或 1.3，或较新证书的根。",
    },
    symptom: {
      en: "TLS or certificate errors in one application only.",
      zh: "只有某一个应用出现 TLS 或证书错误。",
    },
    steps: [
      {
        en: "Bring the base image or the runtime up to date: at least OpenSSL 1.1.1, Node.js 24 for Postrider itself.",
        zh: "升级基础镜像或运行时：OpenSSL 至少 1.1.1，Postrider 本身需要 Node.js 24。",
      },
    ],
  },
  "environment.new-runtime-stricter": {
    ...here,
    scope: "endpoint",
    title: {
      en: "{host} uses what newer TLS libraries refuse",
      zh: "{host} 使用了新版 TLS 库不再接受的参数",
    },
    explanation: {
      en: "It worked before an upgrade and would again with a concession ({found}): from OpenSSL 3.2 on keys under 2048 bits are refused, from 3.0 on old renegotiation and SHA-1.",
      zh: "升级前可用，作出让步后也可用（{found}）：OpenSSL 3.2 起拒绝 2048 位以下的密钥，3.0 起拒绝旧式重协商和 SHA-1。",
    },
    symptom: {
      en: 'It worked before an upgrade; now "dh key too small", "key too weak" or "unsafe legacy renegotiation".',
      zh: "升级之前正常，之后出现 dh key too small、key too weak 或 unsafe legacy renegotiation。",
    },
    steps: [
      {
        en: "The owner of {host} should give it a certificate and DH parameters of 2048 bits or more, and today's TLS.",
        zh: "请 {host} 的管理员换用 2048 位以上的证书和 DH 参数，并启用当前的 TLS。",
      },
      {
        en: "Until then let mail leave through another endpoint: {otherEndpoints}. Lowering the level of this machine weakens every connection.",
        zh: "在此之前改用其他服务器：{otherEndpoints}。降低本机的安全级别会削弱所有连接。",
      },
    ],
  },
  "environment.openssl-conf": {
    ...here,
    title: {
      en: "The environment changes how TLS works here: {found}",
      zh: "环境设置改变了这里的 TLS 行为：{found}",
    },
    explanation: {
      en: "OPENSSL_CONF, NODE_OPTIONS, SSL_CERT_FILE and their like work on every program that is started with them, and outlive the reason they were set for.",
      zh: "OPENSSL_CONF、NODE_OPTIONS、SSL_CERT_FILE 等对所有由此启动的程序生效，而且常常比当初设置它们的原因更长久。",
    },
    symptom: {
      en: "TLS works in one shell or service and not in another on the same machine.",
      zh: "同一台机器上，TLS 在一个终端或服务里正常，在另一个里失败。",
    },
    steps: [
      {
        en: "Take away what nobody needs any more, and start the program again.",
        zh: "删除不再需要的设置，然后重新启动程序。",
      },
    ],
  },
  "environment.library-limits": {
    ...here,
    title: {
      en: "The application gives up sooner than this way takes",
      zh: "应用的时限短于这条线路所需的时间",
    },
    explanation: {
      en: "From here it took {found}. Mail libraries whose limits were set to a few seconds give up before that.",
      zh: "从这里用了 {found}。时限只设了几秒的邮件库会提前放弃。",
    },
    symptom: {
      en: '"Greeting never received" or "Connection timeout" after a very short time.',
      zh: "很短时间内就报 Greeting never received 或 Connection timeout。",
    },
    steps: [
      {
        en: "Give the application 30 s to connect, 60 s for the greeting and ten minutes for the content (nodemailer: connectionTimeout, greetingTimeout, socketTimeout).",
        zh: "应用的时限设为：连接 30 秒、问候语 60 秒、内容十分钟（nodemailer：connectionTimeout、greetingTimeout、socketTimeout）。",
      },
    ],
  },
  "environment.test-button-uses-other-sender": {
    ...here,
    scope: "account",
    retry: "config",
    title: {
      en: "The test sends from {found}, real mail from another address",
      zh: "测试邮件的发件人是 {found}，与正式邮件不同",
    },
    explanation: {
      en: "What one of them may do says nothing about the other: providers allow single senders. Some applications test with the address of whoever clicks.",
      zh: "两者的权限互不代表：服务商按发件人授权。有的应用测试时使用点击者自己的地址。",
    },
    symptom: {
      en: "The test mail fails and real mail works, or the other way round.",
      zh: "测试邮件失败而真实邮件正常，或者相反。",
    },
    steps: [
      {
        en: "Test with the From address that real mail has. What the provider asks for: {senderRule}.",
        zh: "用正式邮件的发件人测试。服务商的要求：{senderRule}。",
      },
    ],
  },
});
