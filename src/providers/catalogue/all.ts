// Every provider of the catalogue, in the order in which a person is offered them.

import type { Provider } from "../provider.ts";
import { mail139 } from "./139.ts";
import { mail163 } from "./163.ts";
import { mail189 } from "./189.ts";
import { alibabaDirectmail } from "./alibaba-directmail.ts";
import { aliyun } from "./aliyun.ts";
import { amazonSes } from "./amazon-ses.ts";
import { aol } from "./aol.ts";
import { brevo } from "./brevo.ts";
import { elasticEmail } from "./elastic-email.ts";
import { fastmail } from "./fastmail.ts";
import { feishuMail } from "./feishu-mail.ts";
import { gmail } from "./gmail.ts";
import { gmx } from "./gmx.ts";
import { googleWorkspace } from "./google-workspace.ts";
import { googleWorkspaceRelay } from "./google-workspace-relay.ts";
import { hotmail } from "./hotmail.ts";
import { icloud } from "./icloud.ts";
import { infomaniak } from "./infomaniak.ts";
import { ionos } from "./ionos.ts";
import { larkMail } from "./lark-mail.ts";
import { mailCom } from "./mail-com.ts";
import { mailRu } from "./mail-ru.ts";
import { mailboxOrg } from "./mailbox-org.ts";
import { mailersend } from "./mailersend.ts";
import { mailgun } from "./mailgun.ts";
import { mailjet } from "./mailjet.ts";
import { mailtrapLive } from "./mailtrap-live.ts";
import { mailtrapSandbox } from "./mailtrap-sandbox.ts";
import { mandrill } from "./mandrill.ts";
import { microsoft365 } from "./microsoft-365.ts";
import { migadu } from "./migadu.ts";
import { namecheapPrivateEmail } from "./namecheap-private-email.ts";
import { naver } from "./naver.ts";
import { netease126 } from "./netease-126.ts";
import { neteaseQiye } from "./netease-qiye.ts";
import { neteaseYeah } from "./netease-yeah.ts";
import { neteaseYm } from "./netease-ym.ts";
import { outlook } from "./outlook.ts";
import { ovh } from "./ovh.ts";
import { posteo } from "./posteo.ts";
import { postmark } from "./postmark.ts";
import { proton } from "./proton.ts";
import { purelymail } from "./purelymail.ts";
import { qq } from "./qq.ts";
import { resend } from "./resend.ts";
import { sendgrid } from "./sendgrid.ts";
import { sina } from "./sina.ts";
import { smtp2go } from "./smtp2go.ts";
import { sohu } from "./sohu.ts";
import { sparkpost } from "./sparkpost.ts";
import { tencentExmail } from "./tencent-exmail.ts";
import { tencentSes } from "./tencent-ses.ts";
import { titan } from "./titan.ts";
import { webDe } from "./web-de.ts";
import { yahoo } from "./yahoo.ts";
import { yahooJapan } from "./yahoo-japan.ts";
import { yandex } from "./yandex.ts";
import { zeptomail } from "./zeptomail.ts";
import { zoho } from "./zoho.ts";

export const providers: readonly Provider[] = [
  sendgrid,
  gmail,
  outlook,
  hotmail,
  yahoo,
  icloud,
  zoho,
  qq,
  mail163,
  aliyun,
  microsoft365,
  googleWorkspace,
  googleWorkspaceRelay,
  amazonSes,
  mailgun,
  postmark,
  brevo,
  mailjet,
  resend,
  sparkpost,
  mandrill,
  mailersend,
  smtp2go,
  elasticEmail,
  zeptomail,
  mailtrapLive,
  mailtrapSandbox,
  fastmail,
  proton,
  gmx,
  webDe,
  mailCom,
  mailRu,
  yandex,
  aol,
  yahooJapan,
  tencentExmail,
  netease126,
  neteaseYeah,
  neteaseQiye,
  neteaseYm,
  alibabaDirectmail,
  tencentSes,
  sina,
  sohu,
  mail139,
  mail189,
  feishuMail,
  larkMail,
  migadu,
  purelymail,
  infomaniak,
  posteo,
  mailboxOrg,
  ovh,
  ionos,
  titan,
  namecheapPrivateEmail,
  naver,
];
