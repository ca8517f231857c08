/** Packs both packages once more, from what is committed, and says what differs. */
export function reproducibleFaults(): Promise<string>;
/** @param from the repository; default: this one */
export function copySources(folder: string, from?: string): Promise<void>;
