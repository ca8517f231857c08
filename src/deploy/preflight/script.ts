import { LOOK_FOR_PACKAGES } from '../packages.ts';
import { SAVED_TABLES } from '../saved-table.ts';

/**
 * Frame of a script: helpers, then one line for each look. Everything is in functions, which a shell reads to their end before it
 * runs anything: otherwise a program could consume the rest of the script from standard input.
 */
function script(sections: readonly string[], more = ''): string {
  return `section() {
  name=$1; shift
  out=$("$@" 2>&1); code=$?
  printf '@%s %s\\n' "$name" "$code"
  printf '%s\\n' "$out" | sed 's/^/ /'
}
${more}
main() {
${sections.map((each) => `section ${each}`).join('\n')}
}
main </dev/null
`;
}

/**
 * Looks at the target, and changes nothing: a POSIX sh script for `sh -s`, read by `parseSections`. It runs as root, since
 * only root may ask nft, sshd and ss.
 * @param table the gate's own nftables script, which nft is asked to check
 * @param knockPorts UDP ports that must have no listener
 * @param files paths of what a deployment puts there
 */
export function lookAsRoot(table: string, knockPorts: readonly number[], files: readonly string[]): string {
  return script(
    [
      'os cat /etc/os-release',
      'init cat /proc/1/comm',
      'booted test -d /run/systemd/system',
      'nft nft --version',
      'table check_table',
      'saved reload_saved',
      'savedtables saved_tables',
      'firewalls firewalls',
      'otherways other_ways',
      'candidates packages',
      'package dpkg -s knockgate',
      'tcpdump command -v tcpdump',
      'node node_version',
      'sshd sshd_settings',
      `udp udp_listeners ${knockPorts.join(' ')}`,
      `files sha256sum ${files.join(' ')}`,
      'config cat /etc/knockgate/gate.toml',
      'manifest cat /usr/lib/knockgate/manifest.json',
      'folders ls -d /etc/knockgate /var/lib/knockgate',
      'user getent passwd knockgate',
      'active systemctl is-active knockgate',
      'enabled systemctl is-enabled knockgate',
      'disk df -Pk /usr /etc /var',
    ],
    `check_table() { nft -c -f - <<'KNOCKGATE_TABLE'
${table.trimEnd()}
KNOCKGATE_TABLE
}
${HELPERS}`,
  );
}

/** Look as the user who logs in: the addresses of the connection, and a Node that an editor has left. */
export const LOOK_AS_USER = script(
  [
    'sshconnection printenv SSH_CONNECTION',
    'host hostname',
    'boot cat /proc/sys/kernel/random/boot_id',
    'editornode editor_nodes',
  ],
  `editor_nodes() {
  group=$(id -gn); test "$group" = "$(id -un)" || group=root
  for found in "$HOME"/.vscode-server/bin/*/node "$HOME"/.vscode-server/cli/servers/*/server/node; do
    test -x "$found" || continue
    program=$(readlink -f "$found") || continue
    if others_write "$program"; then printf 'exposed %s\\n' "$found"; continue; fi
    printf '%s %s %s\\n' "$("$program" --version)" "$(sha256sum "$program" | cut -d ' ' -f 1)" "$program"
  done
}
# Whether anybody but root and this user, whose group is only theirs, can change a file, or exchange it or a folder above it.
# In a folder with the sticky bit nobody exchanges what is another's.
others_write() {
  place=$1
  while :; do
    theirs=$(find "$place" -prune '(' ! -user 0 ! -user "$(id -u)" -o '(' ! -type d -o ! -perm -1000 ')' \\
      '(' -perm -002 -o -perm -020 ! -group 0 ! -group "$group" ')' ')') || return 0
    test -z "$theirs" || return 0
    test "$place" != / || return 1
    place=\${place%/*}; place=\${place:-/}
  done
}`,
);

const HELPERS = `${SAVED_TABLES}
reload_saved() { nft list ruleset | nft -c -f -; }
firewalls() {
  command -v ufw >/dev/null && printf 'ufw %s\\n' "$(ufw status | head -n 1)"
  for unit in firewalld docker fail2ban nftables iptables netfilter-persistent; do
    state=$(systemctl is-active "$unit" 2>/dev/null)
    test "$state" = active && printf 'unit %s\\n' "$unit"
  done
  for family in ip ip6; do
    tables=$(tr '\\n' ' ' 2>/dev/null <"/proc/net/\${family}_tables_names")
    test -n "$tables" && printf 'legacy %s %s\\n' "$family" "$tables"
  done
  return 0
}
# Addresses in other routing tables, and rules of others that lead to another port or keep packets from connection tracking.
other_ways() {
  for family in -4 -6; do
    ip $family route show table all type local 2>/dev/null | grep ' table ' | grep -v ' table local' | while read -r _ address _; do
      printf 'address %s\\n' "$address"
    done
  done
  nft list ruleset 2>/dev/null | grep -E '(^|[[:space:]])(dnat|redirect|notrack)([[:space:]]|$)' | sed 's/^[[:space:]]*/rule /'
  return 0
}
${LOOK_FOR_PACKAGES}
node_version() { program=$(command -v node) && printf '%s %s\\n' "$program" "$(node --version)"; }
sshd_settings() {
  program=$(command -v sshd) || program=/usr/sbin/sshd
  settings=$("$program" -T) || return
  printf '%s\\n' "$settings" | grep -Ei '^(port|listenaddress|persourcepenalties) '
}
udp_listeners() {
  command -v ss >/dev/null || return 127
  for port in "$@"; do ss -Hulnp "sport = :$port"; done
}`;
