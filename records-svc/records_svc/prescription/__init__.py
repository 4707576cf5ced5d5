"""What a physician prescribed, and how the visits of a claim are used up."""
