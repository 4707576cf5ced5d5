"""The engines that make plans."""
