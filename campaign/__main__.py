"""`python -m campaign` is `campaign`."""

from campaign.entrypoints.cli import main

if __name__ == "__main__":
    main()
