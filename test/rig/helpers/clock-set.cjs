// A computer whose clock somebody sets: it is ahead by the milliseconds in the file RIG_CLOCK_FILE. For `node --require`.
const { readFileSync } = require('node:fs');
const now = Date.now;
Date.now = () => now() + Number(readFileSync(process.env.RIG_CLOCK_FILE, 'latin1'));
