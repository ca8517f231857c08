/*
 * A saved ruleset (`nft list ruleset >/etc/nftables.conf`) holds the gate's table as well. Loaded at the next boot without a
 * daemon, it would hide the ports, and nobody could knock.
 */

/** Shell function that prints the files that would bring the table back, a line each. */
export const SAVED_TABLES = `saved_tables() {
  grep -lsE '^[[:space:]]*((add|create)[[:space:]]+)?table[[:space:]]+inet[[:space:]]+knockgate([[:space:]{;]|$)' \\
    /etc/nftables.conf /etc/nftables.rules /etc/sysconfig/nftables.conf /etc/nftables/* /etc/nftables.d/*
  return 0
}`;

/** Reads the output of `saved_tables`. */
export function readSavedTables(text: string): string[] {
  return text.split('\n').filter((line) => /^\/etc\/[\w./@+-]+$/.test(line));
}

/**
 * Shell function that removes the table from each file of its arguments, if the table is written as nft lists it, and nft accepts
 * the rest. Any other file stays as it is.
 */
const TAKE_TABLE_OUT = `take_table_out() {
  for file; do
    rest=$(mktemp) || return 0
    awk '/^table inet knockgate \\{[ \\t]*$/ { inside = 1; next }
      inside && /^\\}[ \\t]*$/ { inside = 0; next }
      inside && /^[^ \\t]/ { exit 1 }
      !inside { print }
      END { exit inside }' "$file" >"$rest" && nft -c -f "$rest" 2>/dev/null && cat "$rest" >"$file"
    rm -f "$rest"
  done
  return 0
}`;

/** Removes the table from each file of its arguments. */
export const TAKE_OUT = `${TAKE_TABLE_OUT}
take_table_out "$@"`;

/** Functions that the package needs when it is removed: `prerm` has the same text. */
export const FOR_PRERM = `${SAVED_TABLES}
${TAKE_TABLE_OUT}`;
