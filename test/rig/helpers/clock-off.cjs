// A computer whose clock is ahead by RIG_CLOCK_AHEAD_MS, for `node --require`.
const now = Date.now;
Date.now = () => now() + Number(process.env.RIG_CLOCK_AHEAD_MS);
