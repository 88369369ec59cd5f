"""Models and checks that run on this machine: programs and functions of the user, in processes of their own."""
