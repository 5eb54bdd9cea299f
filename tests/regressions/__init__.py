"""One file per fault that somebody outside found."""
