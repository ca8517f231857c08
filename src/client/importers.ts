/*
 * The readers of knockd.conf and .fwknoprc. For the editor they are a bundle of its own, dist/importers.js, loaded by the commands
 * that import: the readers of firewall commands are large, and few people import. The command line includes them.
 */

export { speak } from '../base/phrase.ts';
export { importFwknopRc } from './fwknop/rc-file.ts';
export { importKnockdDoors } from './sequence/knockd-door.ts';
