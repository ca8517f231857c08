// Loaded into the daemon before its own code: it collects all its garbage on SIGUSR2, and then leaves a file `collected` with the bytes that
// its values take, so that the soak sees what it keeps.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  // Once for what is found, and once more for what only that let go.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(join(process.env.RUNTIME_DIRECTORY, 'collected'), `${heapUsed + external}\n`);
});
