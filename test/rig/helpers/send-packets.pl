# Sends packets that it makes itself, byte by byte: send-packets.pl FROM TO GAP_MS PACKET...
# A packet is tcp/7000, udp/8000 or icmp, with fields behind it: udp/8000:length=32:sport=4000, tcp/7000:length=40:flags=18,
# icmp:length=100:type=13. `length` counts data bytes of UDP and ICMP, all bytes of a TCP segment; `after` is the pause before it.
use strict;
use warnings;
use Socket qw(:all);

my ($from_text, $to_text, $gap, @packets) = @ARGV;
my $six = $to_text =~ /:/;
my $family = $six ? AF_INET6 : AF_INET;
my ($from, $to) = map { inet_pton($family, $_) // die "no address: $_\n" } $from_text, $to_text;
my %number = (tcp => 6, udp => 17, icmp => $six ? 58 : 1);
my %sockets;

sub checksum {
  my ($bytes) = @_;
  $bytes .= "\0" if length($bytes) % 2;
  my $sum = 0;
  $sum += $_ for unpack 'n*', $bytes;
  $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
  return ~$sum & 0xffff;
}

sub pseudo {
  my ($protocol, $length) = @_;
  return $six ? pack('a16 a16 N N', $from, $to, $length, $protocol) : pack('a4 a4 C C n', $from, $to, 0, $protocol, $length);
}

sub segment {
  my ($protocol, $port, %field) = @_;
  my $sport = $field{sport} // 40000;
  if ($protocol eq 'udp') {
    my $length = 8 + ($field{length} // 0);
    my $make = sub { pack('n n n n', $sport, $port, $length, $_[0]) . "\0" x ($length - 8) };
    return $make->(checksum(pseudo(17, $length) . $make->(0)) || 0xffff);
  }
  if ($protocol eq 'icmp') {
    my $type = $field{type} // ($six ? 128 : 8);
    my $make = sub { pack('C C n n n', $type, $field{code} // 0, $_[0], 7, 1) . "\0" x ($field{length} // 0) };
    my $covered = $make->(0);
    return $make->(checksum(($six ? pseudo(58, length $covered) : '') . $covered));
  }
  my $length = $field{length} // 20;
  my $header = $length > 60 ? 60 : $length - $length % 4;
  my $options = "\1" x ($header - 20);
  my $make = sub {
    pack('n n N N C C n n n', $sport, $port, 1, 0, $header << 2, $field{flags} // 2, 1024, $_[0], 0) . $options . "\0" x ($length - $header);
  };
  return $make->(checksum(pseudo(6, $length) . $make->(0)));
}

for my $packet (@packets) {
  my ($target, @words) = split /:/, $packet;
  my ($protocol, $port) = split m{/}, $target;
  my %field = map { split /=/, $_, 2 } @words;
  my $pause = $field{after} // $gap;
  select undef, undef, undef, $pause / 1000;
  my $socket = $sockets{$protocol} //= do {
    socket(my $made, $family, SOCK_RAW, $number{$protocol}) or die "socket: $!\n";
    bind($made, $six ? pack_sockaddr_in6(0, $from) : pack_sockaddr_in(0, $from)) or die "bind: $!\n";
    $made;
  };
  my $bytes = segment($protocol, $port, %field);
  my $where = $six ? pack_sockaddr_in6(0, $to) : pack_sockaddr_in(0, $to);
  defined send($socket, $bytes, 0, $where) or die "send: $!\n";
}
