// What a name's reading has found to be wrong.
import type { CauseId } from "../../causes/book.ts";
import type { Finding } from "../finding.ts";

export type Fault = Pick<Finding, "detail" | "evidence" | "explains" | "values"> & {
  readonly cause: CauseId;
  readonly status: "fail" | "warn";
};
