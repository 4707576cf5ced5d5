"""Gaming watch: figures that are worth a look by a person. Nothing here touches pay."""
