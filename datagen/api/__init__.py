"""What `import datagen` offers to programs; each module is imported when it is used."""
