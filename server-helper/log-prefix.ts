/** Prefixes by which our rules tell the daemon of a packet with a current tag: the kernel has opened to it, or asks. */
export const LOG_PREFIX = { opened: 'knock-opened', asked: 'knock-asked' } as const;
