"""Sessions: signing in, staying signed in, signing out."""
