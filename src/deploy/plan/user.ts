/*
 * The gate's user where no sysusers.d(5) makes it, and its end. Commands of sh: shadow's programs, or else those of BusyBox.
 */

/** Makes the user and its group; does nothing where they are. */
export const MAKE_USER = `set -e
if id -u knockgate >/dev/null 2>&1; then exit 0; fi
if command -v useradd >/dev/null; then
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin knockgate
else
  addgroup -S knockgate; adduser -S -D -H -h /nonexistent -s /sbin/nologin -G knockgate knockgate
fi`;

/** Removes what is there of both. The user's last processes may take a moment to end. */
export const REMOVE_USER = `set -e
for second in 1 2 3 4 5; do
  if ! command -v userdel >/dev/null || ! getent passwd knockgate >/dev/null; then break; fi
  if userdel knockgate 2>/dev/null; then break; fi
  sleep 1
done
if getent passwd knockgate >/dev/null; then
  if command -v userdel >/dev/null; then userdel knockgate; else deluser knockgate; fi
fi
if getent group knockgate >/dev/null; then
  if command -v groupdel >/dev/null; then groupdel knockgate; else delgroup knockgate; fi
fi`;
