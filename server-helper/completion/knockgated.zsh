#compdef knockgated
# Completion of knockgated for zsh.
_knockgated() {
  local cur=$words[CURRENT] prev=$words[CURRENT-1] key='' count=0 i word
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case $word in
      (--config|--days|--event|--reason|--client|--address|--since|--until|--limit|--before|--to|--against|--port|--seconds|--name|--psk-file|--as|--firewall|--pcap) ((i++)); continue ;;
      (-*) continue ;;
    esac
    case "$key/$count/$word" in
      ('/0/status'|'/0/list'|'/0/activity'|'/0/events'|'/0/metrics'|'/0/audit'|'/0/check'|'/0/grant'|'/0/revoke'|'/0/flush'|'/0/client'|'/0/key'|'/0/rotate'|'/0/sequence'|'/0/fleet'|'/0/run'|'/0/run-action'|'/0/trial'|'/0/confirm'|'/0/reload'|'/0/import-knockd'|'/0/import-fwknop'|'/0/import-pyknock'|'/0/import-xt-pknock'|'/0/import-aldaba'|'/0/help'|'audit/0/verify'|'client/0/add'|'client/0/list'|'client/0/remove'|'fleet/0/adopt'|'fleet/0/apply'|'fleet/0/leave'|'fleet/0/status') key="${key:+$key }$word" count=0 ;;
      (*) ((count++)) ;;
    esac
  done
  case $prev in
    (--config) _files; return ;;
    (--days) _message value; return ;;
    (--event) _message value; return ;;
    (--reason) _message value; return ;;
    (--client) _message value; return ;;
    (--address) _message value; return ;;
    (--since) _message value; return ;;
    (--until) _message value; return ;;
    (--limit) _message value; return ;;
    (--before) _message value; return ;;
    (--to) _files; return ;;
    (--against) _files; return ;;
    (--port) _message value; return ;;
    (--seconds) _message value; return ;;
    (--name) _message value; return ;;
    (--psk-file) _files; return ;;
    (--as) _message value; return ;;
    (--firewall) compadd -- nftables memory dry-run; return ;;
    (--pcap) _files; return ;;
  esac
  if [[ $cur == -* ]]; then
    case $key in
      ('') found=('--version:print the version' '--help:print the help') ;;
      ('help') found=() ;;
      ('audit') found=('--config:the configuration') ;;
      ('client') found=('--config:the configuration') ;;
      ('fleet') found=('--config:the configuration') ;;
      ('status') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('list') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('activity') found=('--days:how many days back, from 1 to 31' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('events') found=('--event:only events of this name, such as refused' '--reason:only events with this reason, such as replayed' '--client:only events of this client' '--address:only events of packets from this address or network' '--since:only events from this time on' '--until:only events up to this time' '--limit:how many, from 1 to 1000' '--before:go on behind a page: its `next`' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('metrics') found=('--to:write into this file' '--config:the configuration') ;;
      ('audit verify') found=('--against:compare with a copy from another host' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('check') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('grant') found=('--port:which port: 22, tcp/8000-8010, udp/60000; may be given several times' '--seconds:for how long' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('revoke') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('flush') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('client add') found=('--name:what it is called here' '--port:let it ask for that port only: 22, tcp/8000-8010, udp/60000; may be given several times' '--psk-file:a file with a secret that client and gate share besides' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('client list') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('client remove') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('key') found=('--address:the addresses in the line' '--name:the name in the line' '--new:replace the key: every client then needs the new line' '--adopt:take a key that was made on another machine, for one that was moved or reinstalled' '--link:print the line as a link for a mail or a wiki: it opens the editor, which shows the gate'\''s addresses, ports and key, and asks whether to add it' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('rotate') found=('--days:how long the previous key stays good, 1 to 365' '--back:go back to the previous key; the new one stays good for those days' '--finish:the previous key is not good any more' '--address:the addresses in the line' '--name:the name in the line' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('sequence') found=('--address:the address in the line' '--name:the name in the line' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('fleet adopt') found=('--as:what the policy calls this gate' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('fleet apply') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('fleet leave') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('fleet status') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('run') found=('--firewall:nftables; memory hides nothing and needs no rights; dry-run prints what it would tell nft' '--pcap:judge the packets of this file' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('run-action') found=('--config:the configuration') ;;
      ('trial') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('confirm') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('reload') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('import-knockd') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('import-fwknop') found=('--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('import-pyknock') found=('--client:the line that `knockgate pubkey` prints on a client that may knock; may be given several times, needed once' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('import-xt-pknock') found=('--client:the line that `knockgate pubkey` prints on a client that had the secrets of a rule' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
      ('import-aldaba') found=('--client:the line that `knockgate pubkey` prints on a client that may knock; may be given several times, needed once' '--json:print JSON for programs, also for an error' '--config:the configuration') ;;
    esac
    _describe -o option found
    return
  fi
  case "$key/$count" in
    ('/0') found=('status:Say how the running daemon is' 'list:Say who is let in at the moment, and for how long' 'activity:Say who came, who was refused, and how the gate is' 'events:List the last events of the log' 'metrics:Print metrics for Prometheus' 'audit:verify' 'check:Read the configuration, and say what is wrong with it' 'grant:Open by hand' 'revoke:End grants' 'flush:End all grants' 'client:add, list, remove' 'key:Print the line to give to clients' 'rotate:Make a new key, and keep the previous one good for some days' 'sequence:Print the line of a sequence of ports to give to a client' 'fleet:adopt, apply, leave, status' 'run:Be the daemon, or judge recorded packets' 'run-action:Run one action that the daemon asks for' 'trial:Hide the ports for so long and no longer, unless it is confirmed' 'confirm:End the trial: the ports stay hidden' 'reload:Bring a changed configuration into force' 'import-knockd:Print the doors of a knockd.conf for gate.toml' 'import-fwknop:Print fwknopd'\''s configuration as a gate.toml' 'import-pyknock:Print pyknock-server'\''s command as a gate.toml' 'import-xt-pknock:Print rules with -m pknock as a gate.toml' 'import-aldaba:Print Aldaba'\''s configuration as a gate.toml' 'help:Explain a command'); _describe command found ;;
    ('help/0') compadd -- status list activity events metrics audit check grant revoke flush client key rotate sequence fleet run run-action trial confirm reload import-knockd import-fwknop import-pyknock import-xt-pknock import-aldaba exit-codes ;;
    ('audit/0') found=('verify:Check that nobody has changed the log'); _describe command found ;;
    ('client/0') found=('add:Let a client knock' 'list:List who may knock' 'remove:Let a client knock no more'); _describe command found ;;
    ('fleet/0') found=('adopt:Let signed documents of a fleet name clients of this gate' 'apply:Take a set of documents' 'leave:Go back to the clients of gate.toml alone' 'status:Say which documents are in force, and what is wrong with them'); _describe command found ;;
    ('audit verify/0') _files ;;
    ('import-knockd/0') _files ;;
    ('import-fwknop/0') _files ;;
    ('import-fwknop/1') _files ;;
    ('import-pyknock/0') _files ;;
    ('import-pyknock/1') _files ;;
    ('import-xt-pknock/0') _files ;;
    ('import-aldaba/0') _files ;;
    ('import-aldaba/1') _files ;;
  esac
}
if [[ $funcstack[1] == _knockgated ]]; then
  _knockgated "$@"
else
  compdef _knockgated knockgated
fi
