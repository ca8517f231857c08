/**
 * Commands of sh that set the environment of every command, as the account and as root: commands that look and commands that change
 * find the same programs, in one language, whatever the account's own files set.
 */
export const ENVIRONMENT = `PATH=\${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; LC_ALL=C; export PATH LC_ALL; umask 022`;
