// The catalogue's public face: what `postrider/providers` exports.
export { secretProblem, usernameProblem } from "./advice.ts";
export { providers } from "./catalogue/all.ts";
export {
  AddressError,
  type Detection,
  type DetectOptions,
  detect,
  type MxRecord,
  type ResolveMx,
} from "./detect.ts";
export { nearestHost, providerOfHost } from "./hosts.ts";
export { nearest, provider, UnknownProvider } from "./lookup.ts";
export { nameOf } from "./name.ts";
export type * from "./provider.ts";
export { knownReply, sampleReply } from "./replies.ts";
