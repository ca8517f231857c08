/*
 * The gate's user on systems without sysusers.d(5): making and removing it. Commands of sh: shadow's programs, or else those of
 * BusyBox.
 */

/** Makes the user and its group, if they do not exist. */
export const MAKE_USER = `set -e
if id -u knockgate >/dev/null 2>&1; then exit 0; fi
if command -v useradd >/dev/null; then
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin knockgate
else
  addgroup -S knockgate; adduser -S -D -H -h /nonexistent -s /sbin/nologin -G knockgate knockgate
fi`;

/**
 * Removes both, if they exist. First ends processes of the user, which are ours: a process that was left would keep the user from
 * being removed, and the next gate from hearing.
 */
export const REMOVE_USER = `set -e
if getent passwd knockgate >/dev/null; then
  uid=$(id -u knockgate)
  for status in /proc/[0-9]*/status; do
    if grep -qs "^Uid:[[:space:]]$uid[[:space:]]" "$status"; then
      process=\${status#/proc/}; kill -KILL "\${process%/status}" 2>/dev/null || :
    fi
  done
  for second in 1 2 3 4 5; do
    if ! command -v userdel >/dev/null || userdel knockgate 2>/dev/null; then break; fi
    sleep 1
  done
fi
if getent passwd knockgate >/dev/null; then
  if command -v userdel >/dev/null; then userdel knockgate; else deluser knockgate; fi
fi
if getent group knockgate >/dev/null; then
  if command -v groupdel >/dev/null; then groupdel knockgate; else delgroup knockgate; fi
fi`;
