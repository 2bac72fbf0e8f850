"""What is measured: each module is one library at one job, and runs in the environment of its library."""
