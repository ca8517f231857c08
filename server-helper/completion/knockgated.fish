# Completion of knockgated for fish.
function __knockgated_at
  set -l key ''
  set -l count 0
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case --config --days --event --reason --client --address --since --until --limit --before --to --against --port --seconds --name --psk-file --as --firewall --pcap
        set skip 1
        continue
      case '-*'
        continue
    end
    switch "$key/$count/$word"
      case '/0/status' '/0/list' '/0/activity' '/0/events' '/0/metrics' '/0/audit' '/0/check' '/0/grant' '/0/revoke' '/0/flush' '/0/client' '/0/key' '/0/rotate' '/0/sequence' '/0/fleet' '/0/run' '/0/run-action' '/0/trial' '/0/confirm' '/0/reload' '/0/import-knockd' '/0/import-fwknop' '/0/import-pyknock' '/0/import-xt-pknock' '/0/import-aldaba' '/0/help' 'audit/0/verify' 'client/0/add' 'client/0/list' 'client/0/remove' 'fleet/0/adopt' 'fleet/0/apply' 'fleet/0/leave' 'fleet/0/status'
        set key (string trim "$key $word")
        set count 0
      case '*'
        set count (math $count + 1)
    end
  end
  echo "$key/$count"
end
function __knockgated_is
  string match -q -- $argv[1] (__knockgated_at)
end
complete -c knockgated -f
complete -c knockgated -n '__knockgated_is \'/0\'' -a status -d 'Say how the running daemon is'
complete -c knockgated -n '__knockgated_is \'/0\'' -a list -d 'Say who is let in at the moment, and for how long'
complete -c knockgated -n '__knockgated_is \'/0\'' -a activity -d 'Say who came, who was refused, and how the gate is'
complete -c knockgated -n '__knockgated_is \'/0\'' -a events -d 'List the last events of the log'
complete -c knockgated -n '__knockgated_is \'/0\'' -a metrics -d 'Print metrics for Prometheus'
complete -c knockgated -n '__knockgated_is \'/0\'' -a audit -d 'verify'
complete -c knockgated -n '__knockgated_is \'/0\'' -a check -d 'Read the configuration, and say what is wrong with it'
complete -c knockgated -n '__knockgated_is \'/0\'' -a grant -d 'Open by hand'
complete -c knockgated -n '__knockgated_is \'/0\'' -a revoke -d 'End grants'
complete -c knockgated -n '__knockgated_is \'/0\'' -a flush -d 'End all grants'
complete -c knockgated -n '__knockgated_is \'/0\'' -a client -d 'add, list, remove'
complete -c knockgated -n '__knockgated_is \'/0\'' -a key -d 'Print the line to give to clients'
complete -c knockgated -n '__knockgated_is \'/0\'' -a rotate -d 'Make a new key, and keep the previous one good for some days'
complete -c knockgated -n '__knockgated_is \'/0\'' -a sequence -d 'Print the line of a sequence of ports to give to a client'
complete -c knockgated -n '__knockgated_is \'/0\'' -a fleet -d 'adopt, apply, leave, status'
complete -c knockgated -n '__knockgated_is \'/0\'' -a run -d 'Be the daemon, or judge recorded packets'
complete -c knockgated -n '__knockgated_is \'/0\'' -a run-action -d 'Run one action that the daemon asks for'
complete -c knockgated -n '__knockgated_is \'/0\'' -a trial -d 'Hide the ports for so long and no longer, unless it is confirmed'
complete -c knockgated -n '__knockgated_is \'/0\'' -a confirm -d 'End the trial: the ports stay hidden'
complete -c knockgated -n '__knockgated_is \'/0\'' -a reload -d 'Bring a changed configuration into force'
complete -c knockgated -n '__knockgated_is \'/0\'' -a import-knockd -d 'Print the doors of a knockd.conf for gate.toml'
complete -c knockgated -n '__knockgated_is \'/0\'' -a import-fwknop -d 'Print fwknopd\'s configuration as a gate.toml'
complete -c knockgated -n '__knockgated_is \'/0\'' -a import-pyknock -d 'Print pyknock-server\'s command as a gate.toml'
complete -c knockgated -n '__knockgated_is \'/0\'' -a import-xt-pknock -d 'Print rules with -m pknock as a gate.toml'
complete -c knockgated -n '__knockgated_is \'/0\'' -a import-aldaba -d 'Print Aldaba\'s configuration as a gate.toml'
complete -c knockgated -n '__knockgated_is \'/0\'' -a help -d 'Explain a command'
complete -c knockgated -n '__knockgated_is \'/*\'' -l version -d 'print the version'
complete -c knockgated -n '__knockgated_is \'/*\'' -l help -d 'print the help'
complete -c knockgated -n '__knockgated_is \'help/0\'' -f -a 'status list activity events metrics audit check grant revoke flush client key rotate sequence fleet run run-action trial confirm reload import-knockd import-fwknop import-pyknock import-xt-pknock import-aldaba exit-codes'
complete -c knockgated -n '__knockgated_is \'audit/0\'' -a verify -d 'Check that nobody has changed the log'
complete -c knockgated -n '__knockgated_is \'audit/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'client/0\'' -a add -d 'Let a client knock'
complete -c knockgated -n '__knockgated_is \'client/0\'' -a list -d 'List who may knock'
complete -c knockgated -n '__knockgated_is \'client/0\'' -a remove -d 'Let a client knock no more'
complete -c knockgated -n '__knockgated_is \'client/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'fleet/0\'' -a adopt -d 'Let signed documents of a fleet name clients of this gate'
complete -c knockgated -n '__knockgated_is \'fleet/0\'' -a apply -d 'Take a set of documents'
complete -c knockgated -n '__knockgated_is \'fleet/0\'' -a leave -d 'Go back to the clients of gate.toml alone'
complete -c knockgated -n '__knockgated_is \'fleet/0\'' -a status -d 'Say which documents are in force, and what is wrong with them'
complete -c knockgated -n '__knockgated_is \'fleet/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'status/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'status/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'list/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'list/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'activity/*\'' -l days -r -f -d 'how many days back, from 1 to 31'
complete -c knockgated -n '__knockgated_is \'activity/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'activity/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l event -r -f -d 'only events of this name, such as refused'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l reason -r -f -d 'only events with this reason, such as replayed'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l client -r -f -d 'only events of this client'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l address -r -f -d 'only events of packets from this address or network'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l since -r -f -d 'only events from this time on'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l until -r -f -d 'only events up to this time'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l limit -r -f -d 'how many, from 1 to 1000'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l before -r -f -d 'go on behind a page: its `next`'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'events/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'metrics/*\'' -l to -r -F -d 'write into this file'
complete -c knockgated -n '__knockgated_is \'metrics/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'audit verify/*\'' -l against -r -F -d 'compare with a copy from another host'
complete -c knockgated -n '__knockgated_is \'audit verify/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'audit verify/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'audit verify/0\'' -F
complete -c knockgated -n '__knockgated_is \'check/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'check/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'grant/*\'' -l port -r -f -d 'which port: 22, tcp/8000-8010, udp/60000; may be given several times'
complete -c knockgated -n '__knockgated_is \'grant/*\'' -l seconds -r -f -d 'for how long'
complete -c knockgated -n '__knockgated_is \'grant/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'grant/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'revoke/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'revoke/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'flush/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'flush/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'client add/*\'' -l name -r -f -d 'what it is called here'
complete -c knockgated -n '__knockgated_is \'client add/*\'' -l port -r -f -d 'let it ask for that port only: 22, tcp/8000-8010, udp/60000; may be given several times'
complete -c knockgated -n '__knockgated_is \'client add/*\'' -l psk-file -r -F -d 'a file with a secret that client and gate share besides'
complete -c knockgated -n '__knockgated_is \'client add/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'client add/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'client list/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'client list/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'client remove/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'client remove/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'key/*\'' -l address -r -f -d 'the addresses in the line'
complete -c knockgated -n '__knockgated_is \'key/*\'' -l name -r -f -d 'the name in the line'
complete -c knockgated -n '__knockgated_is \'key/*\'' -l new -d 'replace the key: every client then needs the new line'
complete -c knockgated -n '__knockgated_is \'key/*\'' -l adopt -d 'take a key that was made on another machine, for one that was moved or reinstalled'
complete -c knockgated -n '__knockgated_is \'key/*\'' -l link -d 'print the line as a link for a mail or a wiki: it opens the editor, which shows the gate\'s addresses, ports and key, and asks whether to add it'
complete -c knockgated -n '__knockgated_is \'key/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'key/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'rotate/*\'' -l days -r -f -d 'how long the previous key stays good, 1 to 365'
complete -c knockgated -n '__knockgated_is \'rotate/*\'' -l back -d 'go back to the previous key; the new one stays good for those days'
complete -c knockgated -n '__knockgated_is \'rotate/*\'' -l finish -d 'the previous key is not good any more'
complete -c knockgated -n '__knockgated_is \'rotate/*\'' -l address -r -f -d 'the addresses in the line'
complete -c knockgated -n '__knockgated_is \'rotate/*\'' -l name -r -f -d 'the name in the line'
complete -c knockgated -n '__knockgated_is \'rotate/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'rotate/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'sequence/*\'' -l address -r -f -d 'the address in the line'
complete -c knockgated -n '__knockgated_is \'sequence/*\'' -l name -r -f -d 'the name in the line'
complete -c knockgated -n '__knockgated_is \'sequence/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'sequence/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'fleet adopt/*\'' -l as -r -f -d 'what the policy calls this gate'
complete -c knockgated -n '__knockgated_is \'fleet adopt/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'fleet adopt/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'fleet apply/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'fleet apply/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'fleet leave/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'fleet leave/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'fleet status/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'fleet status/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'run/*\'' -l firewall -r -f -a 'nftables memory dry-run' -d 'nftables; memory hides nothing and needs no rights; dry-run prints what it would tell nft'
complete -c knockgated -n '__knockgated_is \'run/*\'' -l pcap -r -F -d 'judge the packets of this file'
complete -c knockgated -n '__knockgated_is \'run/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'run/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'run-action/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'trial/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'trial/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'confirm/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'confirm/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'reload/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'reload/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'import-knockd/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'import-knockd/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'import-knockd/0\'' -F
complete -c knockgated -n '__knockgated_is \'import-fwknop/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'import-fwknop/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'import-fwknop/0\'' -F
complete -c knockgated -n '__knockgated_is \'import-fwknop/1\'' -F
complete -c knockgated -n '__knockgated_is \'import-pyknock/*\'' -l client -r -f -d 'the line that `knockgate pubkey` prints on a client that may knock; may be given several times, needed once'
complete -c knockgated -n '__knockgated_is \'import-pyknock/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'import-pyknock/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'import-pyknock/0\'' -F
complete -c knockgated -n '__knockgated_is \'import-pyknock/1\'' -F
complete -c knockgated -n '__knockgated_is \'import-xt-pknock/*\'' -l client -r -f -d 'the line that `knockgate pubkey` prints on a client that had the secrets of a rule'
complete -c knockgated -n '__knockgated_is \'import-xt-pknock/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'import-xt-pknock/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'import-xt-pknock/0\'' -F
complete -c knockgated -n '__knockgated_is \'import-aldaba/*\'' -l client -r -f -d 'the line that `knockgate pubkey` prints on a client that may knock; may be given several times, needed once'
complete -c knockgated -n '__knockgated_is \'import-aldaba/*\'' -l json -d 'print JSON for programs, also for an error'
complete -c knockgated -n '__knockgated_is \'import-aldaba/*\'' -l config -r -F -d 'the configuration'
complete -c knockgated -n '__knockgated_is \'import-aldaba/0\'' -F
complete -c knockgated -n '__knockgated_is \'import-aldaba/1\'' -F
