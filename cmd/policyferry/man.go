package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newMan is for those who package the program, so help does not list it.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "write the man pages",
		Hidden: true,
		Long: `Man writes a man page for every command into a directory, which it makes if it is not
there. The pages bear the date of the commit that the program was built from, or none,
so the same build writes the same bytes.`,
		Example:               "  policyferry man man/man1",
		DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("name the directory to write to", "man takes one directory, and %s given", plural(len(args), "argument")+" is")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return usage("", "making the directory of the man pages: %v", err)
			}
			return writeMan(cmd.Root(), args[0])
		},
	}
}

// writeMan writes the page of a command and of those below it.
func writeMan(c *cobra.Command, dir string) error {
	c.InitDefaultHelpFlag()
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		if err := writeMan(sub, dir); err != nil {
			return err
		}
	}
	page, err := manPage(c, thisBuild())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, manName(c)), page, 0o644); err != nil {
		return usage("", "writing a man page: %v", err)
	}
	return nil
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1" }

func manPage(c *cobra.Command, b build) ([]byte, error) {
	c.DisableAutoGenTag = true // it would bear the date of today
	var page bytes.Buffer
	date, err := time.Parse(time.RFC3339, b.Date)
	dated := err == nil
	header := &doc.GenManHeader{Section: "1", Date: &date, Source: "policyferry " + b.Version, Manual: "policyferry manual"}
	if err := doc.GenMan(c, header, &page); err != nil {
		return nil, err
	}
	if dated {
		return page.Bytes(), nil
	}
	return bytes.Replace(page.Bytes(), []byte(`"`+time.Time{}.Format("Jan 2006")+`"`), []byte(`""`), 1), nil
}
