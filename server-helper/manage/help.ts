/** What `knockgated --help` prints. */
export const HELP = `knockgated: hides ports of this machine until somebody with a key knocks.

  run                       the daemon; [--firewall nftables|memory|dry-run]
  run --pcap FILE           says what the gate would have made of recorded packets; opens nothing
  check                     reads the configuration and says what is wrong with it
  key                       prints the line to give to clients; makes the gate's key if there is none
                            [--address A[,B]] [--name NAME] [--new] [--adopt] [--link]
  rotate                    makes a new key, prints its line, and keeps the one before good; [--days 14]
                            [--back] to the one before; [--finish]: the one before is no good any more
  client add LINE           lets a client knock: the line that its \`knockgate pubkey\` prints
                            [--name NAME] [--port tcp/22]
  client list               who may knock
  client remove NAME        ends that
  status                    how the running daemon is
  list                      who is let in at the moment, and for how long
  grant ADDRESS             opens by hand; [--port tcp/22] [--seconds 30]
  revoke ADDRESS|CLIENT     ends grants; connections that are up live on
  flush                     ends all grants
  reload                    brings a changed configuration into force; a bad one changes nothing
  trial SECONDS             hides the ports for so long and no longer, unless it is confirmed
  confirm                   ends the trial: the ports stay hidden
  import-knockd FILE        prints the doors of a knockd.conf for gate.toml, and what could not be carried over
  import-fwknop ACCESS.CONF [FWKNOPD.CONF]
                            the same for fwknopd; its keys go into files beside gate.toml

  --config FILE             default /etc/knockgate/gate.toml
  --json                    for programs
  --version, --help

Signals: SIGHUP reads the configuration again (a bad one changes nothing); SIGTERM stops, the ports stay hidden.
To show the ports again: stop the daemon, then \`nft delete table inet knockgate\`.`;
