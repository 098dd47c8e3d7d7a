"""What does a notebook need? A dozen verbs, and nothing else."""

__version__ = "0.1.0"
