"""Static reading of samples: what their files hold, of which nothing is ever run."""
