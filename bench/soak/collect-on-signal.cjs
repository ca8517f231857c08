// Loaded into the daemon before its own code: it collects all its garbage on SIGUSR2, so that the soak sees what it keeps.
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  // Once for what is found, and once more for what only that let go.
  collect();
  collect();
});
