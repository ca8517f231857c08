// .ci/run: every test and every check. `npm run check` is `--short`: what looks at the source without running it, before each commit.
import { checks } from './checks.mjs';
import { ensureNpm } from './install.mjs';
import { Tally } from './tally.mjs';
import { countTests } from './test-reports.mjs';

const MINUTE = 60_000;
const ALL_MAY_TAKE = 24 * MINUTE;
const TESTS_MAY_TAKE = 22 * MINUTE;

/** Tests of rules, words and documents. */
const RULES = ['architecture', 'prose', 'man.test', 'docs.test', 'manifest', 'gallery-page'];

const isShort = process.argv.includes('--short');
const tally = new Tally();

await tally.check('npm packages', ensureNpm);
if (tally.failed === 0) {
  await countTests(tally, isShort ? ['unit', ...RULES] : [], TESTS_MAY_TAKE);
  await checks(tally.check, { packsTwice: !isShort, makesFaults: !isShort });
}
process.exitCode = tally.summary(ALL_MAY_TAKE);
