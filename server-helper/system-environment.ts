/**
 * Environment of the programs that the gate starts. Root's own folders are not in everybody's PATH. No home: nft would write a
 * history of its commands there, tags included. UTC: nft translates times of day.
 */
export const SYSTEM_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/dev/null', LC_ALL: 'C', TZ: 'UTC' };
