// Implicit TLS in front of a port in clear.
import { type AddressInfo, connect } from "node:net";
import { createServer } from "node:tls";

interface Setting {
  readonly keyPem: string;
  readonly certPem: string;
  readonly target: number;
}

const { keyPem, certPem, target }: Setting = JSON.parse(process.argv[2] ?? "");
const server = createServer({ key: keyPem, cert: certPem, noDelay: true }, (near) => {
  const far = connect({ host: "127.0.0.1", port: target, noDelay: true });
  near.on("error", () => far.destroy());
  far.on("error", () => near.destroy());
  near.pipe(far).pipe(near);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
