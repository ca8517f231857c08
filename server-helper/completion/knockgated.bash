# Completion of knockgated for bash.
_knockgated() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} key='' count=0 i word words=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      --config | --days | --event | --reason | --client | --address | --since | --until | --limit | --before | --to | --against | --port | --seconds | --name | --psk-file | --as | --firewall | --pcap) ((i++)); continue ;;
      -*) continue ;;
    esac
    case "$key/$count/$word" in
      '/0/status' | '/0/list' | '/0/activity' | '/0/events' | '/0/metrics' | '/0/audit' | '/0/check' | '/0/grant' | '/0/revoke' | '/0/flush' | '/0/client' | '/0/key' | '/0/rotate' | '/0/sequence' | '/0/fleet' | '/0/run' | '/0/run-action' | '/0/trial' | '/0/confirm' | '/0/reload' | '/0/import-knockd' | '/0/import-fwknop' | '/0/import-pyknock' | '/0/import-xt-pknock' | '/0/import-aldaba' | '/0/help' | 'audit/0/verify' | 'client/0/add' | 'client/0/list' | 'client/0/remove' | 'fleet/0/adopt' | 'fleet/0/apply' | 'fleet/0/leave' | 'fleet/0/status') key="${key:+$key }$word" count=0 ;;
      *) ((count++)) ;;
    esac
  done
  COMPREPLY=()
  case $prev in
    --config) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --days) :; return ;;
    --event) :; return ;;
    --reason) :; return ;;
    --client) :; return ;;
    --address) :; return ;;
    --since) :; return ;;
    --until) :; return ;;
    --limit) :; return ;;
    --before) :; return ;;
    --to) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --against) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --port) :; return ;;
    --seconds) :; return ;;
    --name) :; return ;;
    --psk-file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --as) :; return ;;
    --firewall) mapfile -t COMPREPLY < <(compgen -W 'nftables memory dry-run' -- "$cur"); return ;;
    --pcap) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
  esac
  if [[ $cur == -* ]]; then
    case $key in
      '') words='--version --help' ;;
      'help') words='' ;;
      'audit') words='--config' ;;
      'client') words='--config' ;;
      'fleet') words='--config' ;;
      'status') words='--json --config' ;;
      'list') words='--json --config' ;;
      'activity') words='--days --json --config' ;;
      'events') words='--event --reason --client --address --since --until --limit --before --json --config' ;;
      'metrics') words='--to --config' ;;
      'audit verify') words='--against --json --config' ;;
      'check') words='--json --config' ;;
      'grant') words='--port --seconds --json --config' ;;
      'revoke') words='--json --config' ;;
      'flush') words='--json --config' ;;
      'client add') words='--name --port --psk-file --json --config' ;;
      'client list') words='--json --config' ;;
      'client remove') words='--json --config' ;;
      'key') words='--address --name --new --adopt --link --json --config' ;;
      'rotate') words='--days --back --finish --address --name --json --config' ;;
      'sequence') words='--address --name --json --config' ;;
      'fleet adopt') words='--as --json --config' ;;
      'fleet apply') words='--json --config' ;;
      'fleet leave') words='--json --config' ;;
      'fleet status') words='--json --config' ;;
      'run') words='--firewall --pcap --json --config' ;;
      'run-action') words='--config' ;;
      'trial') words='--json --config' ;;
      'confirm') words='--json --config' ;;
      'reload') words='--json --config' ;;
      'import-knockd') words='--json --config' ;;
      'import-fwknop') words='--json --config' ;;
      'import-pyknock') words='--client --json --config' ;;
      'import-xt-pknock') words='--client --json --config' ;;
      'import-aldaba') words='--client --json --config' ;;
    esac
  else
    case "$key/$count" in
      '/0') words='status list activity events metrics audit check grant revoke flush client key rotate sequence fleet run run-action trial confirm reload import-knockd import-fwknop import-pyknock import-xt-pknock import-aldaba help' ;;
      'help/0') words='status list activity events metrics audit check grant revoke flush client key rotate sequence fleet run run-action trial confirm reload import-knockd import-fwknop import-pyknock import-xt-pknock import-aldaba exit-codes' ;;
      'audit/0') words='verify' ;;
      'client/0') words='add list remove' ;;
      'fleet/0') words='adopt apply leave status' ;;
      'audit verify/0') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      'import-knockd/0') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      'import-fwknop/0') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      'import-fwknop/1') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      'import-pyknock/0') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      'import-pyknock/1') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      'import-xt-pknock/0') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      'import-aldaba/0') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      'import-aldaba/1') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _knockgated knockgated
