// Replaced by the book of causes.
export type CauseId = string;
