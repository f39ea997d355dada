// What the front and the worker of the BullMQ stack agree on.

export const queueName = "mail";

export interface FrontSetting {
  readonly redisPort: number;
  /** Whether bulk mail has a lower priority. */
  readonly lanes: boolean;
}

export interface WorkerSetting {
  readonly redisPort: number;
  readonly sinkPort: number;
  readonly connections: number;
}

export interface Job {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** One character for each octet. */
  readonly raw: string;
}
