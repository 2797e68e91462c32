sub {
}

sub a(var.x STRING {
}

sub b() -> STRING {
}

sub c

sub d {
  restart;
}
