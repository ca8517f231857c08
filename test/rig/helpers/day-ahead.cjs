// A computer whose clock is a day ahead, for `node --require`.
const now = Date.now;
Date.now = () => now() + 86_400_000;
